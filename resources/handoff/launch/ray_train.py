"""
Trains the job on a Ray cluster, with N workers of Ray Train. A job of several runs is a Ray Tune experiment, with K of them
at once. `launch/submit.sh` starts it. Each worker runs the same code as train.py.
"""

import argparse
import shutil
import sys
from pathlib import Path

JOB = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(JOB))


def work(settings):
    """One worker. Ray has put a copy of the job folder on the module path of every node."""
    import train

    train.stay_offline()
    options = train.arguments(settings["options"])
    options.workers = settings["workers"]
    from job.run import run

    run(options)


def fit(options, rest, folder, child):
    """Trains one run. A worker that dies is started again, and the run goes on from its last whole checkpoint."""
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    place = folder if child is None else folder / "children" / child
    own = ["--results", str(place / "results")] + ([] if child is None else ["--child", child])
    TorchTrainer(
        work,
        train_loop_config={"workers": options.workers, "options": [*own, *rest]},
        scaling_config=ScalingConfig(num_workers=options.workers, use_gpu=options.gpus),
        torch_config=TorchConfig(backend="nccl" if options.gpus else "gloo"),
        run_config=RunConfig(storage_path=str(folder.parent / ".ray"), failure_config=FailureConfig(max_failures=2)),
    ).fit()


def fit_all(options, rest, folder, names):
    """Trains the runs of an experiment. If one fails, the others go on."""
    from ray import tune

    def one(settings):
        fit(options, rest, folder, settings["child"])

    # A trial only waits for its workers, which ask for processors of their own; 0 is refused.
    tuner = tune.Tuner(
        tune.with_resources(one, {"cpu": 0.01}),
        param_space={"child": tune.grid_search(names)},
        tune_config=tune.TuneConfig(max_concurrent_trials=options.at_once),
        run_config=tune.RunConfig(storage_path=str(folder.parent / ".ray"), verbose=0),
    )
    failed = [str(error) for error in tuner.fit().errors]
    if failed:
        raise SystemExit(f"{len(failed)} of {len(names)} runs failed:\n" + "\n".join(failed))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storage", required=True, help="folder that every node can write; results go there")
    parser.add_argument("--workers", type=int, default=1, help="workers of each run")
    parser.add_argument("--gpus", action="store_true", help="give each worker a GPU")
    parser.add_argument("--at-once", type=int, default=1, help="runs at the same time, if the job has several")
    options, rest = parser.parse_known_args()
    from job.needed import need

    # `python` is the first in the PATH of the cluster's head, which need not be the Python that runs Ray.
    need(["ray", "torch", "yaml"])
    from job.folder import children, handoff_id

    # With the manifests beside the results, the folder can be taken back as it is.
    folder = Path(options.storage).resolve() / handoff_id()
    names = children()
    for place in (Path(), *(Path("children") / name for name in names)):
        (folder / place).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(JOB / place / "manifest.json", folder / place / "manifest.json")
    print(f"The results go to {folder}.", flush=True)
    if names:
        fit_all(options, rest, folder, names)
    else:
        fit(options, rest, folder, None)


if __name__ == "__main__":
    main()
