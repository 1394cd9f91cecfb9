"""Reads GGUF files with PyPI's gguf and runs them with llama.cpp (PyPI's xllamacpp), for gguf.ts to compare with.

Usage: python llama_cpp.py < JOB.json > ANSWER.json

JOB: {"model": PATH, "mmproj": PATH, "tokens": N, "imageTokens": [MIN, MAX], "texts": [[ID, …], …],
      "pictures": [{"text": PROMPT with "<image>" where the picture stands, "path": PATH}, …]}
ANSWER: {"read": {"tensors": N, "architecture": NAME} or null, "texts": [[ID, …], …] or null, "pictures": the same,
         "missing": [names of packages that are not there]}. Everything on the processor, greedy, with a float32 cache.
"""

import base64
import json
import os
import sys
import urllib.request


def read(path: str):
    from gguf import GGUFReader
    from gguf.quants import dequantize

    reader = GGUFReader(path)
    for tensor in reader.tensors:
        dequantize(tensor.data, tensor.tensor_type)
    architecture = bytes(reader.fields["general.architecture"].parts[-1]).decode()
    return {"tensors": len(reader.tensors), "architecture": architecture}


def run(job: dict):
    import xllamacpp as llama

    params = llama.CommonParams()
    params.model.path = job["model"]
    params.mmproj.path = job["mmproj"]
    params.mmproj_use_gpu = False
    params.image_min_tokens, params.image_max_tokens = job["imageTokens"]
    params.n_ctx = 2048
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.warmup = False
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.flash_attn_type = llama.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.cache_type_k = llama.ggml_type.GGML_TYPE_F32
    params.cache_type_v = llama.ggml_type.GGML_TYPE_F32
    server = llama.Server(params)
    address = server.listening_address

    def ask(prompt) -> list[int]:
        body = {
            "prompt": prompt,
            "n_predict": job["tokens"],
            "temperature": 0,
            "top_k": 1,
            "return_tokens": True,
            "cache_prompt": False,
            "repeat_penalty": 1.0,
        }
        request = urllib.request.Request(
            f"{address}/completion", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        return json.load(urllib.request.urlopen(request))["tokens"]

    texts = [ask(ids) for ids in job["texts"]]
    pictures = []
    if job["pictures"]:
        marker = json.load(urllib.request.urlopen(f"{address}/props"))["media_marker"]
        for picture in job["pictures"]:
            data = base64.b64encode(open(picture["path"], "rb").read()).decode()
            pictures.append(
                ask({"prompt_string": picture["text"].replace("<image>", marker), "multimodal_data": [data]})
            )
    return texts, pictures


def main() -> None:
    out = os.fdopen(os.dup(1), "w")
    # llama.cpp logs to standard output.
    os.dup2(2, 1)
    job = json.load(sys.stdin)
    answer = {"read": None, "texts": None, "pictures": None, "missing": []}
    try:
        answer["read"] = read(job["model"])
    except ModuleNotFoundError as error:
        answer["missing"].append(error.name)
    try:
        answer["texts"], answer["pictures"] = run(job)
    except ModuleNotFoundError as error:
        answer["missing"].append(error.name)
    json.dump(answer, out)
    out.flush()
    os._exit(0)


main()
