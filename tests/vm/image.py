# SPDX-License-Identifier: GPL-2.0
"""The guests' root file system: an initramfs of busybox, Python, kvas, its libraries,
the workloads and the tests, laid out as the source tree is."""
import os
import re
import shutil
import subprocess
import sys

PYTHON = "/usr/bin/python3"  # Debian's: its library's place is known to the guest too
BUSYBOX = "/bin/busybox"

# What the tests that run in guests import.
IMPORTS = ("base64 collections contextlib csv ctypes glob gzip json os re resource shutil signal struct subprocess sys tempfile "
           "threading time traceback encodings.latin_1 encodings.ascii encodings.utf_8")


def out(*args):
    return subprocess.run(args, check=True, capture_output=True, text=True, timeout=60).stdout


def put(root, path, source=None):
    """Copy SOURCE (or PATH itself) to PATH below ROOT; links are followed. With its time:
    Python compares it with that in the compiled file."""
    target = root + path
    if os.path.exists(target):
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy2(source or path, target)


def put_elf(root, path, source=None):
    """A program or library with the libraries it needs, at the places ldd gives."""
    put(root, path, source)
    found = subprocess.run(["ldd", source or path], capture_output=True, text=True, timeout=60,
                           check=False).stdout
    missing = re.findall(r"(\S+) => not found", found)
    assert not missing, f"{path} needs {missing}"
    for lib in re.findall(r"(/\S+) \(0x", found):
        put(root, lib)


def put_python(root):
    code = (f"import sys\nfor m in '{IMPORTS}'.split(): __import__(m)\n"
            "for m in list(sys.modules.values()):\n"
            "    for f in (getattr(m, '__file__', None), getattr(m, '__cached__', None)):\n"
            "        print(f or '')\n")
    put_elf(root, PYTHON, os.path.realpath(PYTHON))
    for path in sorted(set(out(PYTHON, "-I", "-S", "-c", code).split())):
        if not os.path.exists(path):
            continue
        (put_elf if path.endswith(".so") else put)(root, path)
    # Looked for when Python finds its prefix.
    version = out(PYTHON, "-c", "import sys; print('python%d.%d' % sys.version_info[:2])").strip()
    os.makedirs(f"{root}/usr/lib/{version}/lib-dynload", exist_ok=True)


def put_busybox(root):
    put(root, "/bin/busybox", BUSYBOX)
    for name in out(BUSYBOX, "--list").split():
        if not os.path.lexists(f"{root}/bin/{name}"):
            os.symlink("busybox", f"{root}/bin/{name}")
    for d in ("proc", "sys", "dev", "tmp", "run", "etc", "root", "usr/bin"):
        os.makedirs(f"{root}/{d}", exist_ok=True)
    os.symlink("/bin/env", f"{root}/usr/bin/env")
    with open(f"{root}/etc/passwd", "w", encoding="ascii") as f:
        f.write("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")


def put_project(root):
    for program in ("/usr/bin/setpriv", "/usr/bin/unshare"):  # busybox's can do less
        put_elf(root, program)
    for binary in ("build/kvas", "build/vm/verify", "build/live/breakpoint",
                   "build/live/nofault", "build/live/noregions", *sorted(
            f"build/workload/{f}" for f in os.listdir("build/workload") if not f.endswith(".d"))):
        put_elf(root, f"/kvas/{binary}", binary)
    for f in ("build/kvas.bpf.o", "build/reader.bpf.o", "build/dmap.bpf.o",
              "build/access.bpf.o"):
        put(root, f"/kvas/{f}", f)
    for d in ("tests/live", "tests/vm/guest"):
        for f in sorted(os.listdir(d)):
            if os.path.isfile(f"{d}/{f}"):
                put(root, f"/kvas/{d}/{f}", f"{d}/{f}")
    put(root, "/kvas/docs/csv.md", "docs/csv.md")
    put(root, "/init", "tests/vm/guest/init")
    os.chmod(f"{root}/init", 0o755)


def cpio(root, target):
    names = subprocess.run(["find", ".", "-mindepth", "1", "-print0"], cwd=root, check=True,
                           capture_output=True, timeout=60).stdout
    with open(target, "wb") as f:
        subprocess.run(["cpio", "--null", "-o", "-H", "newc", "--quiet", "-R", "0:0"], cwd=root,
                       check=True, input=names, stdout=f, timeout=120)


def make(target, more=()):
    """Write the initramfs, not compressed: an emulated CPU is slow to unpack it. MORE: {path
    in the guest: program here}, with their libraries."""
    root = target + ".root"
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    put_busybox(root)
    put_python(root)
    put_project(root)
    for path in more:
        put_elf(root, path, more[path])
    cpio(root, target)
    shutil.rmtree(root)
    return target


if __name__ == "__main__":
    print(make(sys.argv[1]))
