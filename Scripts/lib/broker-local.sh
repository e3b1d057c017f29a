# A broker from a rabbitmq-server on this machine: private, throw-away, on loopback. Sourced by Scripts/broker.
# shellcheck shell=sh disable=SC2154
#
# Everything that RabbitMQ would take from or put into /etc, /var or the caller's home is pointed into $dir: no
# other broker on the machine notices this one, and it needs no rights that the caller does not have.
#
# Reads: dir, log, tls, mutual, management, join, and after `local_prepare` what it wrote into $dir/settings.

# local_server_folder: prints the folder of RabbitMQ's own start scripts, or fails. Never /usr/sbin: the wrapper there
# changes to another user, whose data folder and rights are not ours.
local_server_folder() {
    for server_folder in /usr/lib/rabbitmq/bin /opt/homebrew/opt/rabbitmq/sbin /usr/local/opt/rabbitmq/sbin \
        /home/linuxbrew/.linuxbrew/opt/rabbitmq/sbin "$(dirname "$(command -v rabbitmq-server || echo /usr/sbin/none)")"; do
        case $server_folder in /usr/sbin | /sbin) continue ;; esac
        if [ -x "$server_folder/rabbitmq-server" ]; then
            printf '%s\n' "$server_folder"
            return 0
        fi
    done
    return 1
}

local_available() { local_server_folder >/dev/null; }

# local_path: where Erlang's programs and the system's are.
local_path() {
    for erlang_folder in "$(dirname "$(command -v erl || echo /usr/bin/erl)")" /opt/homebrew/opt/erlang*/bin \
        /usr/local/opt/erlang*/bin; do
        [ -x "$erlang_folder/erl" ] && break
    done
    printf '%s:/usr/bin:/bin:/usr/sbin:/sbin\n' "$erlang_folder"
}

# local_environment COMMAND...: becomes COMMAND, with nothing in its environment but what makes it part of this broker.
# It replaces the shell that calls it: always call it in a subshell.
local_environment() {
    exec env -i PATH="$erlang_path" HOME="$dir/home" TMPDIR="$dir/home" LANG=C.UTF-8 \
        ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP_BYTES=0 \
        RABBITMQ_NODENAME="$node" RABBITMQ_CONF_ENV_FILE="$dir/environment.conf" "$@"
}

# local_server_environment COMMAND...: the same for the server itself.
local_server_environment() {
    # "Under systemd" the start script becomes the Erlang machine instead of waiting for it: the recorded process is the
    # broker itself. Unbound schedulers ("u"): several brokers would else be pinned to the same cores.
    local_environment RUNNING_UNDER_SYSTEMD=true RABBITMQ_LOGS=- RABBITMQ_LOG_BASE="$dir/log" \
        RABBITMQ_MNESIA_BASE="$dir/data" RABBITMQ_DIST_PORT="$distribution_port" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins" RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf" \
        RABBITMQ_CONFIG_FILES="$dir/none/*.conf" RABBITMQ_ADVANCED_CONFIG_FILE="$dir/advanced.config" \
        RABBITMQ_SCHEDULER_BIND_TYPE=u \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}' "$@"
}

# local_prepare TRIMMED: everything the broker reads, with new ports. TRIMMED is 1 for a shorter code path, else empty.
local_prepare() {
    server_folder=$(local_server_folder)
    erlang_path=$(local_path)
    # shellcheck disable=SC2046
    set -- "$1" $(free_ports 5)
    [ $# -eq 6 ] || return 1
    trimmed=$1 amqp_port=$2 distribution_port=$3 epmd_port=$4 tls_port=$5 management_port=$6
    node=mimi$amqp_port@localhost

    mkdir -p "$dir/home" "$dir/log" "$dir/data"
    : >"$dir/environment.conf"
    # Nodes of a cluster know each other by cookie and epmd: those of the first one.
    epmd_folder=$dir
    if [ -n "$join" ]; then
        local_prepare_to_join
    else
        (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/home/.erlang.cookie")
    fi
    chmod 400 "$dir/home/.erlang.cookie"

    plugins=
    {
        printf 'listeners.tcp.1 = 127.0.0.1:%s\nlog.console.level = info\n' "$amqp_port"
        # For nodes of a cluster, without meaning to a broker alone: a node that is cut off stops serving, soon.
        printf 'cluster_partition_handling = pause_minority\nnet_ticktime = 5\n'
        if [ -n "$management" ]; then
            plugins=rabbitmq_management
            printf 'management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = %s\n' "$management_port"
        fi
        if [ -n "$tls" ]; then
            plugins=${plugins:+$plugins,}rabbitmq_auth_mechanism_ssl
            # Relative to $dir, where the server is started: a # in the path would begin a comment.
            broker_tls_settings "127.0.0.1:$tls_port" tls
        fi
    } >"$dir/rabbitmq.conf"
    printf '[%s].\n' "$plugins" >"$dir/enabled_plugins"
    # What waits to be moved to another queue when a node dies is moved soon, not after three minutes.
    printf '[{rabbit, [{dead_letter_worker_publisher_confirm_timeout, 2000}]}].\n' >"$dir/advanced.config"
    [ -z "$trimmed" ] || local_trim || trimmed=

    for setting in server_folder erlang_path trimmed amqp_port distribution_port epmd_port epmd_folder tls_port \
        management_port node; do
        eval "printf '%s=%s\n' $setting \"\$(quoted \"\$$setting\")\""
    done >>"$dir/settings"
}

# local_prepare_to_join: takes the cookie and the epmd of the broker that is joined.
local_prepare_to_join() {
    [ -e "$state/$join/ready" ] || fail 69 "\"$join\" does not run, and cannot be joined"
    cp "$state/$join/home/.erlang.cookie" "$dir/home/.erlang.cookie"
    # shellcheck source=/dev/null
    joined=$(. "$state/$join/settings" && printf '%s\n' "$epmd_port" "$epmd_folder" "$node")
    epmd_port=$(printf '%s\n' "$joined" | sed -n 1p)
    epmd_folder=$(printf '%s\n' "$joined" | sed -n 2p)
    joined_node=$(printf '%s\n' "$joined" | sed -n 3p)
}

# local_join: makes the broker, which has just booted alone, a node of the cluster.
local_join() {
    # The module of this is another one from RabbitMQ 4 on.
    local_evaluate "rabbit:stop(), ok = case code:which(rabbit_db_cluster) of
        non_existing -> rabbit_mnesia:join_cluster('$joined_node', disc);
        _ -> rabbit_db_cluster:join('$joined_node', disc)
    end, ok = rabbit:start()"
}

# local_trim: a home for the server that links only the plugins in use. At boot RabbitMQ looks for every module in every
# plugin's folder; without the fifty that nobody enabled it is there in two thirds of the time.
local_trim() {
    [ -z "$management" ] || return 1
    case $dir in *[[:space:]]*) return 1 ;; esac # the server's scripts split this one path
    server_home=$(perl -MCwd=realpath -e 'print realpath(shift)' -- "$server_folder/rabbitmq-server")
    server_home=${server_home%/sbin/*}
    [ -d "$server_home/plugins" ] || return 1
    mkdir -p "$dir/server/plugins"
    ln -s "$server_home/sbin" "$server_home/escript" "$dir/server/"
    for plugin in "$server_home"/plugins/*; do
        case ${plugin##*/} in
        rabbitmq_prelaunch-*) ;;
        rabbitmq_auth_mechanism_ssl-*) [ -n "$tls" ] || continue ;;
        rabbitmq_* | README*) continue ;;
        esac
        ln -s "$plugin" "$dir/server/plugins/"
    done
}

# local_boot: starts the epmd and the server, and returns once the broker takes connections. The settings are loaded.
local_boot() {
    [ ! -e "$log" ] || mv "$log" "$log.previous"
    : >"$log"
    if [ "$epmd_folder" = "$dir" ] && ! recorded_alive "$dir/epmd.process"; then
        set -- sh "$lib/detached.sh" "$dir/epmd.process" epmd -port "$epmd_port" -address 127.0.0.1
        (local_environment "$@") >>"$log" 2>&1 </dev/null 9>&- &
    fi
    # The server must find this one: else it starts an epmd of its own, which outlives it.
    boot_left=100
    until (local_environment epmd -port "$epmd_port" -names) >/dev/null 2>&1; do
        boot_left=$((boot_left - 1))
        [ "$boot_left" -gt 0 ] || return 1
        sleep 0.05
    done
    recorded_alive "$epmd_folder/epmd.process" || return 1

    rm -f "$dir/server.process"
    set -- sh "$lib/detached.sh" "$dir/server.process" "$server_folder/rabbitmq-server"
    [ -z "$trimmed" ] || set -- RABBITMQ_SCRIPTS_DIR="$dir/server/sbin" "$@"
    (cd "$dir" && local_server_environment "$@") >>"$log" 2>&1 </dev/null 9>&- &
    boot_process=$!

    # The log, not the port: the port answers before the broker does, and a command-line probe costs a second or two.
    boot_left=1800
    until grep -q 'Server startup complete' "$log"; do
        boot_left=$((boot_left - 1))
        [ "$boot_left" -gt 0 ] && [ -n "$(process_birth "$boot_process")" ] || return 1
        sleep 0.05
    done
}

# local_launch: a new broker in an empty $dir. Somebody may take a drawn port before the broker does, and a server laid
# out in another way may not boot from the trimmed home: so three attempts, the later ones untrimmed.
local_launch() {
    case $dir in
    *[\'\"\\]*) fail 69 "RabbitMQ cannot keep data in $dir: a quote or a backslash in a path stops its start" ;;
    esac
    for launch_trimmed in 1 '' ''; do
        local_forget
        mkdir -p "$dir"
        printf 'kind=local\ntls=%s\nmanagement=%s\nmutual=%s\n' "$tls" "$management" "$mutual" >"$dir/settings"
        [ -z "$tls" ] || make_certificates "$dir/tls" || return 1
        local_prepare "$launch_trimmed" || return 1
        if local_boot; then
            [ -z "$join" ] || local_join
            return 0
        fi
        say "the server did not start$(local_why)"
    done
    return 1
}

# local_why: what the log says about a start that failed.
local_why() {
    grep -m 1 -E 'already_used|eaddrinuse|eacces|enospc|BOOT FAILED|[Ee]rror' "$log" | cut -c 1-200 | sed 's/^ */: /'
}

# local_end: ends the server, then the epmd it is registered with.
local_end() {
    end_recorded "$dir/server.process" && end_recorded "$dir/epmd.process"
}

# local_forget: ends what a start has left, finished or not, and its data.
local_forget() {
    [ -d "$dir" ] || return 0
    local_end
    rm -rf "$dir"
}

local_alive() { recorded_alive "$dir/server.process"; }

# local_state: running, paused or ended.
local_state() {
    if ! local_alive; then
        echo ended
    elif process_paused "$(recorded_pid "$dir/server.process")"; then
        echo paused
    else
        echo running
    fi
}

# local_evaluate EXPRESSION: runs Erlang inside the broker. `erl_call` takes 0.1 s, the command-line tools need two.
local_evaluate() {
    for caller in "${erlang_path%%:*}/erl_call" /usr/lib/erlang/lib/erl_interface-*/bin/erl_call \
        /opt/homebrew/opt/erlang*/lib/erlang/lib/erl_interface-*/bin/erl_call \
        /usr/local/opt/erlang*/lib/erlang/lib/erl_interface-*/bin/erl_call; do
        [ -x "$caller" ] || continue
        evaluated=$(printf '%s.\n' "$1" | (local_environment "$caller" -n "$node" -timeout 60 -e) 2>&1) || true
        case $evaluated in '{ok, '*) return 0 ;; *) fail 70 "the broker did not do it: $evaluated" ;; esac
    done
    (local_environment "$server_folder/rabbitmqctl" -n "$node" eval "$1.") >/dev/null
}

# local_fault KIND [on|off|EXPRESSION]
local_fault() {
    case $1 in
    kill)
        signal_recorded KILL "$dir/server.process"
        wait_gone "$dir/server.process" 50
        ;;
    stop) end_recorded "$dir/server.process" ;;
    pause) signal_recorded STOP "$dir/server.process" ;;
    resume) signal_recorded CONT "$dir/server.process" ;;
    restart)
        end_recorded "$dir/server.process"
        local_boot || fail 70 "the broker did not come back$(local_why)"
        ;;
    alarm)
        case $2 in
        # Setting it waits for nothing; looking at it does, until all connections are told.
        on) local_evaluate 'rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []}), rabbit_alarm:get_alarms()' ;;
        off) local_evaluate 'rabbit_alarm:clear_alarm({resource_limit, memory, node()}), rabbit_alarm:get_alarms()' ;;
        esac
        ;;
    evaluate) local_evaluate "$2" ;;
    app)
        case $2 in
        on) local_evaluate 'rabbit:start()' ;;
        off) local_evaluate 'rabbit:stop()' ;;
        esac
        ;;
    listeners)
        case $2 in
        on) local_evaluate 'rabbit_maintenance:resume_all_client_listeners()' ;;
        off) local_evaluate 'rabbit_maintenance:suspend_all_client_listeners()' ;;
        esac
        ;;
    close-connections)
        local_evaluate '[rabbit_networking:close_connection(C, "closed by an operator") || C <- rabbit_networking:connections()], ok'
        ;;
    esac
}
