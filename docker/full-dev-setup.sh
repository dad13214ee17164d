#!/usr/bin/env bash
# The whole system in panes of one tmux session, one process each, for those who change it. It needs tmux and Python, no
# Docker: the database and Redis are the ones that come with the Python packages.
#
#   docker/full-dev-setup.sh [MODEL_CONFIG_NAME]     demo, when no model is named
#   docker/full-dev-setup.sh stop                    ends everything
#
# INFERENCE_SERVER_URL names an engine of yours; without it the engine's pane runs the demo engine. PORT, ENGINE_PORT and
# LOCAL_DIR choose other ports and another folder. The same commands for terminals of one's own: docs/development.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export PORT=${PORT:-8000} LOCAL_DIR=${LOCAL_DIR:-.local} ENGINE_PORT=${ENGINE_PORT:-8080}
export INFERENCE_SERVER_URL=${INFERENCE_SERVER_URL:-}
PYTHON=.venv/bin/python
CELERY=".venv/bin/celery -A oasst_site worker"
SESSION=oasst
# A tmux server of its own: its settings touch no other session, and when the session ends, so does the server.
TMUX_SERVER="oasst-$PORT"

tmux_() {
  env -u TMUX tmux -L "$TMUX_SERVER" "$@"
}

fail() {
  echo "full-dev-setup: $*" >&2
  exit 1
}

is_taken() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# until_it WHAT CONDITION...: wait, and say what for, at once and then every ten seconds.
until_it() {
  local what=$1 next=$((SECONDS + 10)) began=$SECONDS
  shift
  "$@" && return
  echo "waiting for $what ..."
  until "$@"; do
    sleep 0.2
    if [ $SECONDS -ge $next ]; then
      echo "still waiting for $what ($((SECONDS - began)) s)"
      next=$((SECONDS + 10))
    fi
  done
}

has_servers() {
  [ "$(grep -cE '^(DATABASE|REDIS)_URL=' "$LOCAL_DIR/env" 2>/dev/null)" = 2 ]
}

load_env() {
  until_it "the database and redis" has_servers
  set -a
  # shellcheck disable=SC1091
  . "$LOCAL_DIR/env"
  set +a
}

# Each pane's process: the commands of docs/development.md.
run_pane() {
  local model=$2 engine=${INFERENCE_SERVER_URL:-http://localhost:$ENGINE_PORT}
  case $1 in
    database) $PYTHON manage.py up postgres ;;
    redis) $PYTHON manage.py up valkey ;;
    engine)
      if [ -n "$INFERENCE_SERVER_URL" ]; then
        echo "The engine is at $INFERENCE_SERVER_URL"
        sleep infinity
      fi
      $PYTHON -m inference.demo_tgi --model "$model" --port "$ENGINE_PORT" $(lengths "$model")
      ;;
    server)
      load_env
      $PYTHON manage.py prepare
      echo "The page is at http://localhost:$PORT"
      $PYTHON -m oasst_site.web -p "$PORT"
      ;;
    text-client)
      until_it "the server" is_taken "$PORT"
      $PYTHON -m chats.text_client --url "http://localhost:$PORT" --model "$model"
      ;;
    worker-*)
      until_it "the server" is_taken "$PORT"
      load_env
      $CELERY -n "$model-${1#worker-}@%h" --model "$model" --engine-url "$engine"
      ;;
    maintenance)
      until_it "the server" is_taken "$PORT"
      load_env
      $CELERY -n maintenance@%h -Q maintenance -c 1
      ;;
  esac
}

# A pane outlives its process: Ctrl-C ends the process, Enter starts it again.
keep_pane() {
  trap : INT
  while true; do
    (trap - INT; run_pane "$@") || true
    printf '\n%s has ended. Enter starts it again. ' "$1"
    read -r || exit 0
  done
}

# lengths MODEL: the demo engine's options that make it an engine of this model.
lengths() {
  "$PYTHON" - "$1" <<'END'
import sys
from inference import catalogue
try:
    model = catalogue.current().get(sys.argv[1])
except Exception as error:
    sys.exit(f"full-dev-setup: {error}")
print(f"--max-input-tokens {model.max_input_length} --max-total-tokens {model.max_total_length}")
END
}

stop() {
  tmux_ kill-session -t "$SESSION" 2>/dev/null || fail "nothing runs on port $PORT; with another one: PORT=8001 $0 stop"
}

start() {
  local model=$1
  command -v tmux >/dev/null || fail "there is no tmux here. Install it (apt install tmux, brew install tmux), or use make run"
  if tmux_ has-session -t "$SESSION" 2>/dev/null; then
    attach
    return
  fi
  make -s stack
  lengths "$model" >/dev/null
  ! is_taken "$PORT" || fail "port $PORT is in use. Choose another: PORT=$((PORT + 1)) $0"
  [ -n "$INFERENCE_SERVER_URL" ] || ! is_taken "$ENGINE_PORT" ||
    fail "port $ENGINE_PORT is in use. Choose another for the engine: ENGINE_PORT=$((ENGINE_PORT + 1)) $0"

  local pane first=1
  for pane in database redis engine server text-client worker-1 worker-2 maintenance; do
    local command="exec $(printf '%q ' "$PWD/docker/full-dev-setup.sh" pane "$pane" "$model")"
    if [ $first = 1 ]; then
      tmux_ -f /dev/null new-session -d -s "$SESSION" -n "$model" -x "${COLUMNS:-220}" -y "${LINES:-60}" "$command"
      tmux_ set -g mouse on
      tmux_ set -g pane-border-status top
      tmux_ set -g pane-border-format ' #{?pane_active,#[bold],}#{pane_title} '
      tmux_ set -g status-right ' Ctrl-b q NUMBER goes to a pane, Ctrl-b d leaves, Ctrl-b X ends everything '
      tmux_ set -g status-right-length 90
      tmux_ bind-key X kill-session
      first=0
    else
      tmux_ split-window -t "$SESSION" "$command"
    fi
    tmux_ select-pane -t "$SESSION" -T "$pane"
    tmux_ set -p -t "$SESSION" allow-rename off
    tmux_ select-layout -t "$SESSION" tiled >/dev/null
  done
  tmux_ select-pane -t "$SESSION:.4"
  attach
}

attach() {
  if [ -t 0 ] && [ -t 1 ]; then
    exec env -u TMUX tmux -L "$TMUX_SERVER" attach -t "$SESSION"
  fi
  echo "It runs in the background. Look at it: tmux -L $TMUX_SERVER attach. End it: PORT=$PORT $0 stop"
}

case ${1:-} in
  -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0" ;;
  stop) stop ;;
  pane)
    shift
    keep_pane "$@"
    ;;
  -*) fail "there is no option $1. Usage: $0 [MODEL_CONFIG_NAME]" ;;
  *) start "${1:-demo}" ;;
esac
