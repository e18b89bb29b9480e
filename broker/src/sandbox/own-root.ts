/*
 * A root of its own for a host where bubblewrap is not installed: an empty file system in memory in which nothing is
 * found but what the host reads. Run as the root of a user and a mount namespace; needs mount and a POSIX shell.
 */

// On /dev, because no source can lie there. A mount that the system made without some right (nosuid, nodev, noexec) may
// not be mounted again with it, and two of these cost nothing. The host enters a second user namespace, in which it has
// no capability left; and the kernel makes no further one for a process in a chroot.
const script = `set -eu
mount -n -t tmpfs -o nosuid,nodev none /dev
while [ "$1" != -- ]; do
  to="/dev$1"
  if [ ! -e "$to" ]; then
    if [ -d "$1" ]; then mkdir -p "$to"; else mkdir -p "\${to%/*}"; : > "$to"; fi
    mount -n --bind "$1" "$to"
    mount -n -o remount,bind,ro,nosuid,nodev "$to" || mount -n -o remount,bind,ro,nosuid,nodev,noexec "$to"
  fi
  shift
done
shift
mount -n -o remount,bind,ro,nosuid,nodev /dev
exec env -i unshare -U --root=/dev --wd=/ "$@"`;

/** The command that shows `paths`, read-only, and nothing else to the command behind it. */
export function makeOwnRoot(paths: readonly string[]): readonly string[] {
  return ['sh', '-c', script, 'own-root', ...paths, '--'];
}
