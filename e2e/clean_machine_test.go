//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// cleanly runs a script as root of a machine of its own: what it writes is gone afterwards, and its loopback addresses are free.
const cleanly = `set -eu
mount -t tmpfs none "$1"
mkdir "$1/changes" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" "$1/root"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
mkdir -p "$1/root/clean"
cp -R "$2/." "$1/root/clean"
chmod 0755 "$1/root/clean"
exec chroot "$1/root" bash /clean/script
`

// stubs are what a machine without systemd lacks, and what would reach for another one. A service runs as the user of its unit,
// with the variables of the unit's file.
const stubs = `set -euo pipefail
export HOME=/root LC_ALL=C
cd /clean/somewhere
sudo() { "$@"; }
git() { cp -R /clean/repository "${@: -1}"; }
make() { cp -R /clean/bin .; }
journalctl() { cat "/clean/$2.log"; }
systemd-analyze() { test -f "/etc/systemd/system/$2.service"; }
began() {
  local unit=/etc/systemd/system/$1.service
  local user start variables
  user=$(sed -n 's/^User=//p' "$unit"); start=$(sed -n 's/^ExecStart=//p' "$unit"); variables=$(sed -n 's/^EnvironmentFile=-//p' "$unit")
  if grep -q ^StateDirectory= "$unit"; then install -d -m 0700 -o "$user" "/var/lib/$1"; fi
  (
    set -a
    . "$variables"
    export AWS_ENDPOINT_URL=$AWS AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_EC2_METADATA_DISABLED=true PATH=/usr/local/bin:/usr/bin:/bin
    exec setpriv --reuid "$user" --regid "$user" --clear-groups $start
  ) >>"/clean/$1.log" 2>&1 &
  echo $! >"/clean/$1.pid"
}
ended() { kill "$(cat "/clean/$1.pid")"; tail --pid="$(cat "/clean/$1.pid")" -f /dev/null; }
systemctl() {
  local unit action=$1
  shift
  [ "${1-}" != --now ] || shift
  for unit; do
    [ "$unit" != prometheus ] || continue
    case $action in
    daemon-reload) ;;
    enable | start) began "$unit" ;;
    restart) ended "$unit"; began "$unit" ;;
    reload) kill -HUP "$(cat "/clean/$unit.pid")" ;;
    disable | stop) ended "$unit" ;;
    status) kill -0 "$(cat "/clean/$unit.pid")" ;;
    *) echo "systemctl $action?" >&2; return 1 ;;
    esac
  done
}
said() { for log in /clean/*.log; do echo "== $log"; cat "$log"; done >&2; }
trap 'echo "line $LINENO: $BASH_COMMAND" >&2; said' ERR
ip link set lo up
/clean/bin/sagemaker-async-exporter --demo --web.listen-address=127.0.0.1:20119 >/clean/demo.log 2>&1 &
curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors --output /dev/null http://127.0.0.1:20119/-/ready
AWS=$(sed -n 's/^  embedded AWS  *\(http[^ ]*\).*/\1/p' /clean/demo.log)
`

var (
	pageBlock = regexp.MustCompile("(?ms)^ *```([^`\n]*)\n(.*?)^ *```$")
	shownFile = regexp.MustCompile("(?:^|\n) *`([\\w.-]+)`, [^\n]*(?:\n[^\n]+)*\\s*$")
)

// pageScript are the blocks of a page in their order: commands of a host and of a clone, and the files that the page shows before
// them. Blocks that need an account, and those that run until somebody stops them, are left out.
func pageScript(page string) (script string, blocks, files int) {
	before := 0
	var text strings.Builder
	for _, at := range pageBlock.FindAllStringSubmatchIndex(page, -1) {
		info, body, introduction := page[at[2]:at[3]], page[at[4]:at[5]], page[before:at[0]]
		before = at[1]
		switch file := shownFile.FindStringSubmatch(introduction); {
		case info == "sh host" || info == "sh make":
			blocks++
			text.WriteString(regexp.MustCompile("(?m)^   ").ReplaceAllString(body, ""))
		case file != nil && !strings.HasPrefix(info, "sh "):
			files++
			fmt.Fprintf(&text, "cat >%s <<'END_OF_FILE'\n%sEND_OF_FILE\n", file[1], body)
		}
	}
	return text.String(), blocks, files
}

func TestPageScript_hasFilesBeforeTheyAreUsed(t *testing.T) {
	t.Parallel()
	script, blocks, files := pageScript("`a.yml`, a file:\n\n```yaml\nx: 1\n```\n\ntext\n\n```sh host\ncat a.yml\n```\n\n```sh aws\naws\n```\n\n```yaml\ny: 2\n```\n")
	if want := "cat >a.yml <<'END_OF_FILE'\nx: 1\nEND_OF_FILE\ncat a.yml\n"; script != want || blocks != 1 || files != 1 {
		t.Errorf("%d blocks, %d files:\n%s", blocks, files, script)
	}
}

// Somebody follows docs/systemd.md to the letter, on a machine that has nothing of it yet.
func TestSystemdPage_runsInOrderOnACleanMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.Command("unshare", "--mount", "--net", "sh", "-c",
		`mount -t tmpfs none "$1" && mkdir "$1/u" "$1/w" "$1/r" && mount -t overlay overlay -o "lowerdir=/,upperdir=$1/u,workdir=$1/w" "$1/r"`, "sh", dir).CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody make a machine of its own: %v: %s", err, out)
	}
	page, err := os.ReadFile("../docs/systemd.md")
	if err != nil {
		t.Fatal(err)
	}
	script, blocks, files := pageScript(string(page))
	if blocks < 12 || files < 5 {
		t.Fatalf("the page has only %d blocks to run and %d files", blocks, files)
	}
	script = strings.NewReplacer(
		"promtool check config", "command -v promtool >/dev/null && promtool check config",
	).Replace(script)
	clean := t.TempDir()
	for _, name := range []string{"somewhere", "repository", "bin"} {
		if err := os.Mkdir(filepath.Join(clean, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"../deploy": "repository/deploy", "../alerts": "repository/alerts"} {
		if err := os.CopyFS(filepath.Join(clean, to), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	for program, at := range map[string]string{"sagemaker-async-exporter": binary, "sagemaker-async-alerting": alertingBinary} {
		if out, err := exec.Command("cp", at, filepath.Join(clean, "bin", program)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	end := "\ntest ! -e /etc/sagemaker-async-exporter && ! getent passwd sagemaker-async-exporter\necho THE END\nkill %1 || true\n"
	if err := os.WriteFile(filepath.Join(clean, "script"), []byte(stubs+script+end), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // it takes ten seconds: this is against hanging
	defer cancel()
	// All processes of the machine end with its first one.
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", cleanly, "sh", dir, clean)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "\nTHE END\n") {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"sagemaker-async-exporter, version", "config.yml: good: 1 scope(s)", `sagemaker_async_up{`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("nothing says %q:\n%s", want, out)
		}
	}
}
