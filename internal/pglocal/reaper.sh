# Removes a cluster when its owner has gone. Arguments: the cluster's directory, then files to remove at the end of
# what it was told to keep the cluster for.
# Standard input is a pipe from the owner, who says what to watch; its end means that the owner has gone, which
# happens on a crash and on SIGKILL as well. Plain sh, because it must outlive the program that started it.
dir=$1
shift
pid=
watched=
trap '' HUP INT QUIT TERM

nap() { sleep "$1" 2>/dev/null || sleep 1; }

alive() {
	if [ -r "/proc/$1/stat" ]; then
		read -r stat <"/proc/$1/stat" || return 1
		case ${stat##*)} in ' Z'* | ' X'*) return 1 ;; esac
		return 0
	fi
	kill -0 "$1" 2>/dev/null || ps -p "$1" >/dev/null 2>&1
}

# A process id may have been used again by now, so the command line has to name the directory.
ours() {
	if [ -d /proc/self ]; then
		command=$(tr '\0' ' ' <"/proc/$1/cmdline")
	else
		command=$(ps -o command= -p "$1")
	fi
	case $command in *"$dir/data"*) return 0 ;; esac
	return 1
}

while read -r word argument; do
	case $word in
	pid) pid=$argument ;;
	gone) pid= ;;
	keep)
		watched=$argument
		break
		;;
	esac
done

if [ -n "$watched" ]; then
	while alive "$watched"; do nap 0.5; done
fi

if [ -z "$pid" ] && [ -r "$dir/data/postmaster.pid" ]; then
	read -r pid <"$dir/data/postmaster.pid"
fi
if [ -n "$pid" ] && ours "$pid"; then
	kill -QUIT "$pid"
	tries=0
	while [ $tries -lt 30 ] && ours "$pid"; do
		nap 0.1
		tries=$((tries + 1))
	done
	if ours "$pid"; then kill -KILL "$pid"; fi
fi

# The server's children may write for a moment longer.
tries=0
while [ -e "$dir" ] && [ $tries -lt 30 ]; do
	rm -rf -- "$dir" || nap 0.1
	tries=$((tries + 1))
done
if [ -n "$watched" ]; then rm -f -- "$@"; fi
