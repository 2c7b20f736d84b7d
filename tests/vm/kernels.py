# SPDX-License-Identifier: GPL-2.0
"""Debian's own kernels, fetched by package into a cache.

apt gets a configuration and state of its own, so the machine's is untouched; only
the mirror's address is read from the machine's apt sources. A kernel in the cache is
used as it is: with all of them there, no network is needed. Remove its directory to
have it fetched anew.
"""
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import tempfile

CACHE = os.path.join(os.environ.get("KVAS_VM_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kvas-vm"))

# Kernel: suites to look in ("security:" for the security archive), and the package.
# The cloud flavour is small and has a serial console, BTF, kprobes and fentry built
# in. In sid the image itself is in linux-binary-*.
WANTED = {
    "5.10": (["bullseye", "security:bullseye-security"],
             r"^linux-image-5\.10\.[0-9.]+-[0-9]+-cloud-amd64$"),
    "6.1": (["bookworm", "security:bookworm-security"],
            r"^linux-image-6\.1\.[0-9.]+-[0-9]+-cloud-amd64$"),
    "6.12": (["trixie"], r"^linux-image-6\.12\.[0-9.]+.*-cloud-amd64$"),
    "7.2": (["sid"], r"^linux-binary-[0-9].*-cloud-amd64$"),
    "7.3": (["trixie-backports"], r"^linux-(image|binary)-7\.3.*-cloud-amd64$"),
}


class Unavailable(Exception):
    """A kernel that cannot be had, with the reason."""


def mirrors():
    """(main archive, security archive) as the machine's apt knows them."""
    uris = []
    for path in ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*"))]:
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                text = f.read()
        except OSError:
            continue
        uris += re.findall(r"^URIs:\s*(\S+)", text, re.M)
        uris += re.findall(r"^deb\s+(?:\[[^]]*\]\s*)?(\S+)", text, re.M)
    main = [u for u in uris if u.rstrip("/").endswith("/debian")]
    security = [u for u in uris if u.rstrip("/").endswith("/debian-security")]
    if not main:
        raise Unavailable("no Debian mirror in the machine's apt sources")
    main = main[0].rstrip("/")
    return main, (security[0].rstrip("/") if security else main + "-security")


def run(*args, cwd=None, timeout=300):
    try:
        return subprocess.run(args, cwd=cwd, timeout=timeout, check=True, capture_output=True,
                              text=True).stdout
    except FileNotFoundError as e:
        raise Unavailable(f"'{args[0]}' is not installed") from e
    except subprocess.TimeoutExpired as e:
        raise Unavailable(f"'{args[0]}' took more than {timeout} s") from e
    except subprocess.CalledProcessError as e:
        words = (e.stderr or e.stdout).strip().split("\n")
        raise Unavailable(f"{args[0]}: {words[-1] if words[-1] else e}") from e


def apt_options(d):
    for sub in ("lists/partial", "cache/archives/partial", "log"):
        os.makedirs(f"{d}/{sub}")
    with open(f"{d}/status", "w", encoding="ascii"):
        pass
    settings = {
        "Dir::Etc::sourcelist": f"{d}/sources.list", "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null", "Dir::State::Lists": f"{d}/lists",
        "Dir::State::status": f"{d}/status", "Dir::Cache": f"{d}/cache", "Dir::Log": f"{d}/log",
        "APT::Architecture": "amd64", "APT::Sandbox::User": "root",
        "Acquire::Languages": "none", "Acquire::Check-Valid-Until": "false",
        "Acquire::Retries": "2", "Acquire::http::Timeout": "30",
    }
    return [w for k, v in settings.items() for w in ("-o", f"{k}={v}")]


def version_key(name):
    return [int(n) for n in re.findall(r"\d+", name)]


def fetch(kernel, d):
    """Download and unpack into D/got: vmlinuz and a file "package" that names it."""
    suites, pattern = WANTED[kernel]
    main, security = mirrors()
    options = apt_options(d)
    with open(f"{d}/sources.list", "w", encoding="ascii") as f:
        for s in suites:
            where = security if s.startswith("security:") else main
            f.write(f"deb {where} {s.removeprefix('security:')} main\n")
    run("apt-get", *options, "-q", "update")
    names = [n for n in run("apt-cache", *options, "pkgnames").split() if re.match(pattern, n)]
    if not names:
        raise Unavailable(f"no package matches {pattern} in {', '.join(suites)}")
    name = max(names, key=version_key)
    os.makedirs(f"{d}/deb")
    run("apt-get", *options, "-q", "download", name, cwd=f"{d}/deb", timeout=600)
    deb, = glob.glob(f"{d}/deb/*.deb")
    run("dpkg-deb", "-x", deb, f"{d}/tree")
    found = [p for p in glob.glob(f"{d}/tree/**/vmlinuz*", recursive=True) if os.path.isfile(p)]
    if not found:
        raise Unavailable(f"no vmlinuz in {name}")
    os.makedirs(f"{d}/got")
    shutil.copy(found[0], f"{d}/got/vmlinuz")
    with open(f"{d}/got/package", "w", encoding="ascii") as f:
        f.write(f"{name} {os.path.basename(deb).split('_')[1]}\n")


def ensure(kernel):
    """The cached kernel's directory, fetched when it is not there."""
    final = os.path.join(CACHE, "kernels", kernel)
    if os.path.exists(f"{final}/vmlinuz"):
        return final
    try:
        os.makedirs(os.path.dirname(final), exist_ok=True)
        # Beside its final place: the rename at the end is then atomic.
        with tempfile.TemporaryDirectory(dir=os.path.dirname(final)) as d:
            fetch(kernel, d)
            os.rename(f"{d}/got", final)
    except OSError as e:
        if not os.path.exists(f"{final}/vmlinuz"):
            raise Unavailable(f"{e.strerror} ({e.filename})") from e
    return final


def ensure_all(names):
    """{kernel: directory or Unavailable}, fetched side by side."""
    def one(k):
        try:
            return k, ensure(k)
        except Unavailable as e:
            return k, e
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        return dict(pool.map(one, names))


def package(directory):
    with open(f"{directory}/package", encoding="ascii") as f:
        return f.read().strip()
