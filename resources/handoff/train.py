"""Trains the run of this folder. `./run.sh --smoke` tries it; README.md explains the rest."""

import argparse
import os
import subprocess
import sys


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="two small steps on the CPU; results go to smoke/")
    parser.add_argument("--workers", type=int, default=1, help="processes on this machine, one for each GPU")
    parser.add_argument("--accumulate", type=int, default=1, help="parts in which a step's update is computed")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"], help="of the base model")
    parser.add_argument("--model", help="folder of the base model, if it is not in this folder")
    parser.add_argument("--child", help="one run of an experiment, by number or name (default: all, one after another)")
    parser.add_argument("--results", help="folder for the results (default: results)")
    parser.add_argument("--cpu", action="store_true", help="use the CPU even if there is a GPU")
    parser.add_argument("--trl", action="append", default=[], metavar="KEY=VALUE", help="a setting of TRL's own that the recipe leaves open")
    parser.add_argument("--stop-after", type=int, help="end after this step as if the job had been stopped")
    return parser.parse_args(argv)


def start_workers(options, argv):
    """Starts the workers with torch's own launcher, unless this is one of them."""
    if options.workers <= 1 or "LOCAL_RANK" in os.environ:
        return
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(options.workers)]
    os.execv(sys.executable, [sys.executable, *launcher, os.path.abspath(__file__), *argv])


def stay_offline():
    """Nothing is fetched from a hub, and nothing is reported."""
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def train_all(names, argv):
    """The runs of an experiment, each in a process of its own. If one fails, the others still run."""
    failed = []
    for number, name in enumerate(names):
        print(f"Run {number + 1} of {len(names)}: {name}", flush=True)
        if subprocess.run([sys.executable, os.path.abspath(__file__), *argv, "--child", name]).returncode != 0:
            failed.append(name)
    if failed:
        raise SystemExit(f"{len(failed)} of {len(names)} runs did not end well: {', '.join(failed)}. Start again to resume them.")


def main(argv=None):
    argv = sys.argv[1:] if argv is None else argv
    options = arguments(argv)
    stay_offline()
    from job.folder import children

    names = children()
    if names and options.child is None:
        if options.results is not None:
            raise SystemExit("--results belongs to one run: choose it with --child.")
        # One run tells whether everything is in place.
        return train_all(names[:1] if options.smoke else names, argv)
    start_workers(options, argv)
    from job.run import run

    run(options)


if __name__ == "__main__":
    main()
