"""What a plugin may read: the system, its bundle and, where it is guarded and not sealed, its vendor's data."""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import contextlib
import functools
import itertools
import os
import pwd
import re
import site
import stat
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator

from pluginary_tui.isolation.linux.sandbox import landlock, syscalls

OFF, GUARDED, SEALED = "off", "guarded", "sealed"
MODES = (OFF, GUARDED, SEALED)

_SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/nix/store", "/gnu/store", "/app"),
    *("/run/current-system/sw", "/run/opengl-driver", "/var/cache/fontconfig", "/sys/devices/system", "/dev/urandom"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/filesystems", "/proc/loadavg"),
    *("/proc/uptime", "/proc/sys"),
)
_CONFIGURATION = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "alternatives", "localtime", "timezone"),
    *(
        "locale.conf",
        "locale.alias",
        "default/locale",
        "nsswitch.conf",
        "host.conf",
        "hosts",
        "resolv.conf",
        "gai.conf",
    ),
    *("services", "protocols", "passwd", "group", "machine-id", "os-release", "lsb-release", "debian_version", "fonts"),
    *("gtk-2.0", "gtk-3.0", "gtk-4.0", "pango", "alsa", "asound.conf", "pulse", "pipewire", "X11", "xdg", "mime.types"),
    *("OpenCL", "vulkan", "egl", "glvnd", "drirc", "mailcap", "ssl/certs", "ssl/openssl.cnf", "pki/tls/certs"),
    *("pki/ca-trust", "ca-certificates", "crypto-policies", "gnutls", "static", "profiles", "terminfo", "magic", "lv2"),
)
"""Of /etc. The rest is not for plugins: keys of servers, passwords of networks."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_PLUGIN_FOLDERS = (".vst3", ".clap", ".lv2", ".ladspa", ".vst", ".lxvst", ".dssi", ".fonts", ".local/share/fonts")
"""Of a home: plugins and fonts, for guarded ones."""
_FONTS = (".fonts", ".fonts.conf", ".local/share/fonts", ".config/fontconfig", ".cache/fontconfig")
_VENDOR_PLACES = ("", ".config", ".local/share", "Documents", "Music", ".local/share/Steinberg")
"""Of a home: where vendors keep the data of their plugins, in a folder with the vendor's or the plugin's name."""

_SECRET = re.compile(
    r"ssh|gnupg|gpg|pki|keyring|kwallet|pass(word)?([-_ ]?(store|wd|safe))?s?$|secret|credential|token|wallet|bitcoin|"
    r"electrum|ethereum|monero|mozilla|firefox|librewolf|waterfox|chrom|brave|vivaldi|opera|edge|safari|falkon|epiphany|"
    r"qutebrowser|browser|tor$|thunderbird|evolution|geary|kmail|akonadi|mutt|mail|claws|maildir|signal|telegram|discord|"
    r"slack|element|whatsapp|skype|zoom|teams|matrix|pidgin|purple|weechat|irssi|1password|bitwarden|keepass|lastpass|"
    r"dashlane|enpass|proton|aws|azure|gcloud|gh$|glab|hub$|git|subversion|mercurial|kube|docker|podman|containers|helm|"
    r"terraform|ansible|vault|netrc|npm|pypi|cargo|gem$|history|bash|zsh|fish|profile|python|node|code|cursor|jetbrains|"
    r"idea|vim|emacs|nextcloud|owncloud|dropbox|google|onedrive|rclone|syncthing|backup|steam|wine|systemd|autostart|"
    r"dconf|pulse|x11|xauthority|iceauthority|gvfs|trash|recent|tracker|zeitgeist|cache$|sessions?$|accounts|plasma|kde|"
    r"gnome|pluginary|^\.?(var|snap|flatpak|applications?|op|age|m2|s3cfg|tor|zen|surf|links|lynx|wire|android|"
    r"composer|stripe|boto|obsidian)$|icedove|"
    r"icecat|seamonkey|palemoon|midori|konqueror|netsurf|floorp|mullvad|yandex|w3m|betterbird|sylpheed|msmtp|mbsync|"
    r"notmuch|viber|threema|filezilla|remmina|freerdp|vnc|putty|openvpn|wireguard|anydesk|teamviewer|gopass|sops|yubico|"
    r"krb5|kerberos|seahorse|heroku|doctl|hcloud|gradle|nuget|jupyter|dbeaver|sql|postgres|mongo|"
    r"joplin|logseq|zotero|gnucash|kmymoney|libreoffice|minecraft|lutris|tmux|anthropic|openai|claude|copilot",
    re.IGNORECASE,
)
"""Names of folders that are never a vendor's, however a bundle calls itself: keys, browsers, mail, messages, shells,
work. One that wants such a name can be read with the sandbox off."""
_TELLING = re.compile(
    r"(^|[._-])(ssh|gnupg|mozilla|firefox|librewolf|chrome|chromium|brave|vivaldi|thunderbird|keyrings?|kwalletd?|"
    r"password-store|keepassxc|bitwarden|1password|signal|telegram|slack|discord)($|[._-])|^id_(rsa|dsa|ecdsa|ed25519)|"
    r"\.kdbx?$|^(logins\.json|key[34]\.db|cookies(\.sqlite)?|login data|wallet\.dat|credentials(\.json|\.db)?)$|"
    r"^\.?(netrc|pgpass|git-credentials|authinfo|(bash|zsh|python)_history)$",
    re.IGNORECASE,
)
"""Names in a folder which show that it is no vendor's, whatever its own name is: keys, and the data of browsers, mail
and messages."""
_LOOKED_AT = 2_000
"""Most names of a folder that are looked at for one of those: a vendor's may hold a library of samples."""
_KEYS = re.compile(r"/\.(ssh|gnupg|pki|password-store|mozilla|thunderbird|aws|kube|docker)(/|$)|/keyrings(/|$)")
"""Paths that no bundle lies in; a link that calls itself a bundle and leads there opens nothing."""
_ORDINARY = {
    *("documents", "music", "downloads", "desktop", "pictures", "videos", "public", "templates", "default", "data"),
    *("config", "local", "share", "bin", "src", "work", "projects", "private", "files", "user", "home", "cache"),
    *("state", "temp", "tmp", "log", "logs", "settings", "presets", "samples", "plugins", "audio", "library"),
    *("applications", "icons", "themes", "fonts", "sounds", "dev", "etc", "opt"),
}
"""Names, as `_slug` gives them, that no vendor has for itself."""
_BUSINESS = {
    *("audio", "inc", "ltd", "gmbh", "llc", "sound", "sounds", "dsp", "instruments", "software", "plugins", "plugin"),
    *("labs", "lab", "music", "technologies", "technology", "studio", "studios", "works", "vst", "vst3", "clap", "lv2"),
}
"""Words at the end of a vendor's name that its folder may go without."""


_PYTHON_FOLDERS = ("site-packages", "dist-packages", "lib-dynload")
"""Of `sys.path`, beside the standard library's own. `sysconfig` is not asked: it imports `threading` (`child`)."""


def system_rules() -> Iterator[tuple[str, int]]:
    """Paths and accesses that every plugin gets: the system's libraries and this program's own code."""
    for path in (*_SYSTEM, *(f"/etc/{each}" for each in _CONFIGURATION), *_code()):
        yield path, landlock.READ
    for path in _DEVICES:
        yield path, landlock.DEVICE


def home_rules() -> Iterator[tuple[str, int]]:
    """What guarded plugins get besides: the plugins and fonts of a home, and what vendors put into /opt."""
    yield "/opt", landlock.READ
    yield "/etc/opt", landlock.READ
    for home in homes():
        for name in (*_PLUGIN_FOLDERS, *_FONTS):
            path = os.path.join(home, name)
            if _harmless(os.path.realpath(path), ()):
                yield path, landlock.READ


@functools.cache
def homes() -> tuple[str, ...]:
    """The user's home folders: by the environment, and by the system's list of users.

    As of the first call: HOME names the throw-away folder afterwards.
    """
    found = [os.environ.get("HOME", "")]
    with contextlib.suppress(KeyError):
        found.append(pwd.getpwuid(os.getuid()).pw_dir)
    real = [os.path.realpath(each) for each in found if os.path.isabs(each)]
    return tuple(each for each in dict.fromkeys(real) if os.path.dirname(each) != each and os.path.isdir(each))


def _code() -> list[str]:
    """Where Python and what jobs import lie: nothing of it is the user's."""
    package = os.path.realpath(__file__).rsplit(os.sep, 4)[0]
    # Of a prefix not everything: it may be ~/.local, where keys and messages are, too.
    prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix)
    folders = [os.path.join(prefix, part) for prefix in prefixes for part in ("lib", "lib64", "bin")]
    folders += [package, os.path.dirname(os.__file__)]
    folders += [*site.getsitepackages(), site.getusersitepackages()]
    folders += [
        each for each in sys.path if os.path.basename(each) in _PYTHON_FOLDERS or os.path.isdir(f"{each}/pedalboard")
    ]
    folders += [each for each in os.environ.get("LD_LIBRARY_PATH", "").split(":") if os.path.isabs(each)]
    unwanted = {"/", *homes(), *(os.path.dirname(home) for home in homes())}
    return [each for each in dict.fromkeys(map(os.path.realpath, folders)) if each not in unwanted]


def bundle_paths(bundle: str, private: Iterable[str]) -> list[str]:
    """What belongs to a bundle: itself, and the binary that a link in it leads to.

    Nothing where the bundle is a link to what is no bundle's: a home, a folder of keys, what is `private` (real paths).
    """
    real = os.path.realpath(bundle)
    if _holds(real, (*homes(), *private)) or _within(real, private) or _KEYS.search(real):
        return []
    if _ending(real) != _ending(bundle) and not (_is_library(real) or _has_parts(real)):
        return []
    found = [real]
    try:
        machine = os.path.join(real, "Contents", f"{syscalls.machine()}-linux")
        for entry in os.scandir(machine):
            if entry.is_symlink() and _is_library(target := os.path.realpath(entry.path)):
                found.append(target)
    except OSError:
        pass
    return found


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def _has_parts(folder: str) -> bool:
    """Whether a folder holds what bundles hold: one may be a link to a folder in which it was built."""
    return any(os.path.exists(os.path.join(folder, part)) for part in ("Contents", "manifest.ttl"))


_ELF = struct.Struct("=4s12xH")
"""<elf.h>: the signature and the type, of which 2 is a program and 3 a library."""


def _is_library(path: str) -> bool:
    """Whether the file is a binary, and no memory of a program that crashed: a link to anything else opens nothing."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # to open a device can be a command to it
            return False
        with open(path, "rb", buffering=0) as file:
            head = file.read(_ELF.size)
    except OSError:
        return False
    return len(head) == _ELF.size and _ELF.unpack(head) in ((b"\x7fELF", 2), (b"\x7fELF", 3))


def _holds(real: str, folders: Iterable[str]) -> bool:
    """Whether one of these folders, given by their real paths, is this one or lies in it."""
    return any(each == real or each.startswith(real.rstrip("/") + "/") for each in folders)


def _within(real: str, folders: Iterable[str]) -> bool:
    return any(real.startswith(each + "/") for each in folders)


def _harmless(real: str, private: Iterable[str]) -> bool:
    """Whether a folder of a home may be read as a whole: it holds no home, and none of its names is a secret's."""
    if _holds(real, (*homes(), *private)) or _within(real, private):
        return False
    for home in homes():
        if real.startswith(home + "/"):
            first = real[len(home) + 1 :].split("/")
            return not any(_SECRET.search(part) for part in first[: 3 if first[0].startswith(".") else 1])
    return True


class VendorFolders:
    """Finds the folders of a home that have a vendor's or a plugin's name."""

    def __init__(self) -> None:
        self._folders: dict[str, list[tuple[str, str]]] | None = None
        """By the name as `_slug` gives it: the place below the home, and the real path."""

    def find(self, bundle: str, vendor: str, private: Iterable[str]) -> list[tuple[str, str]]:
        """Places below a home, and the real paths of what is there, for this bundle. Looks once; then remembers."""
        if self._folders is None:
            self._folders = self._look()
        found = {}
        for name in _names(bundle, vendor):
            for place, path in self._folders.get(name, ()):
                if _harmless(path, private) and not _tells_of_secrets(path):
                    found[place] = path
        return list(found.items())

    def fonts(self) -> list[tuple[str, str]]:
        """The places of fonts and their settings."""
        return [(name, f"{home}/{name}") for home in homes() for name in _FONTS if os.path.exists(f"{home}/{name}")]

    @staticmethod
    def _look() -> dict[str, list[tuple[str, str]]]:
        folders: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for home in homes():
            for place in _VENDOR_PLACES:
                for entry in _subfolders(os.path.join(home, place)):
                    within = os.path.join(place, entry.name)
                    if within in _VENDOR_PLACES or _slug(entry.name) in _ORDINARY or _SECRET.search(entry.name):
                        continue
                    folders[_slug(entry.name)].append((within, os.path.realpath(entry.path)))
                    if place or entry.name.startswith("."):  # a vendor's folder may hold one for each plugin
                        for inner in _subfolders(entry.path):
                            if _slug(inner.name) not in _ORDINARY and not _SECRET.search(inner.name):
                                path = os.path.realpath(inner.path)
                                folders["/" + _slug(inner.name)].append((os.path.join(within, inner.name), path))
        return folders


@functools.cache
def _tells_of_secrets(folder: str) -> bool:
    """Whether one of the names in a folder, or in the folders of it, is in _TELLING."""
    names = (entry for around in (folder, *(inner.path for inner in _subfolders(folder))) for entry in _entries(around))
    return any(_TELLING.search(entry.name) for entry in itertools.islice(names, _LOOKED_AT))


def _subfolders(folder: str) -> list[os.DirEntry[str]]:
    try:
        return [entry for entry in _entries(folder) if entry.is_dir()]
    except OSError:  # a link to what may not be looked at
        return []


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(folder))
    except OSError:
        return []


def _names(bundle: str, vendor: str) -> set[str]:
    """Names that the folders of this bundle's data may have; with / in front, one inside a folder of another name."""
    stem = _slug(os.path.splitext(os.path.basename(bundle))[0])
    names = {stem, "/" + stem}
    around = os.path.basename(os.path.dirname(bundle))
    for each in (vendor, around if around.lstrip(".").lower() not in ("vst3", "clap", "lv2", "ladspa", "lib") else ""):
        words = re.findall(r"[^\W_]+", each.lower())
        names.add("".join(words))
        while len(words) > 1 and words[-1] in _BUSINESS:
            words.pop()
        names.add("".join(words))
    return {name for name in names if len(name.lstrip("/")) > 2 and name.lstrip("/") not in _ORDINARY}


def _slug(name: str) -> str:
    return "".join(re.findall(r"[^\W_]+", name.lower()))
