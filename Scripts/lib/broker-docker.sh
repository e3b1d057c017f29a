# A broker in a container, by the project's docker-compose.yml. Sourced by Scripts/broker.
# shellcheck shell=sh disable=SC2154
#
# Reads: root, lib, name, dir, log, tls, mutual, management, and after `docker_launch` what it wrote into $dir/settings.

# docker_available: an engine that answers (not the client alone, and not a proxy that hangs), with its compose plugin.
docker_available() {
    have docker && within 3 docker version --format '{{.Server.Version}}' >/dev/null 2>&1 &&
        within 3 docker compose version >/dev/null 2>&1
}

# docker_compose ARGUMENTS...: on this checkout's project, so that two checkouts never touch each other's containers.
docker_compose() {
    set -- -p "mimi-$(printf '%s' "$root" | cksum | cut -d ' ' -f 1)-$name" -f "$root/docker-compose.yml" \
        ${tls:+-f "$lib/docker-compose.tls.yml"} "$@"
    MIMI_BROKER_PORT=$amqp_port MIMI_BROKER_TLS_PORT=$tls_port MIMI_BROKER_MANAGEMENT_PORT=$management_port \
        MIMI_BROKER_FOLDER=$dir docker compose "$@" 9>&-
}

docker_up() {
    [ ! -e "$log" ] || mv "$log" "$log.previous"
    docker_compose up --detach --wait >"$log" 2>&1
}

# docker_launch: a new broker. Ports are drawn here, not by the engine: a restarted container must keep them. A port may
# be taken between the draw and the start: so three attempts.
docker_launch() {
    management=1 # the image has it
    for _ in 1 2 3; do
        docker_forget
        # shellcheck disable=SC2046
        set -- $(free_ports 3)
        [ $# -eq 3 ] || return 1
        amqp_port=$1 tls_port=$2 management_port=$3
        mkdir -p "$dir"
        cat >"$dir/settings" <<SETTINGS
kind=docker
tls=$tls
management=$management
mutual=$mutual
amqp_port=$amqp_port
tls_port=$tls_port
management_port=$management_port
SETTINGS
        if [ -n "$tls" ]; then
            make_certificates "$dir/tls" || return 1
            chmod 644 "$dir/tls/server.key" # read by the container's own user
            broker_tls_settings 5671 /etc/rabbitmq/tls >"$dir/tls.conf"
            echo '[rabbitmq_management,rabbitmq_auth_mechanism_ssl].' >"$dir/enabled_plugins"
            chmod 755 "$dir" "$dir/tls"
            chmod 644 "$dir/tls.conf" "$dir/enabled_plugins" "$dir/tls/ca.pem" "$dir/tls/server.pem"
        fi
        if docker_up; then return 0; fi
        tail -n 3 "$log" >&2
        grep -q -E 'port is already allocated|address already in use' "$log" || break
    done
    say 'the container did not start (with MIMI_BROKER_KIND=local a local rabbitmq-server is used instead)'
    return 1
}

# docker_forget: removes the container and its data, as the settings in $dir name them.
docker_forget() {
    [ -d "$dir" ] || return 0
    # shellcheck source=/dev/null
    (. "$dir/settings" && docker_compose down --volumes --timeout 10) >/dev/null 2>&1 || true
    rm -rf "$dir"
}

docker_alive() { [ -n "$(docker_compose ps --status running --status paused --quiet 2>/dev/null)" ]; }

# docker_state: running, paused or ended.
docker_state() {
    for docker_status in running paused; do
        if [ -n "$(docker_compose ps --status "$docker_status" --quiet 2>/dev/null)" ]; then
            echo "$docker_status"
            return 0
        fi
    done
    echo ended
}

docker_control() { docker_compose exec -T rabbitmq rabbitmqctl --quiet "$@" >/dev/null; }

# docker_evaluate EXPRESSION: runs Erlang inside the broker.
docker_evaluate() { docker_control eval "$1."; }

# docker_fault KIND [on|off|EXPRESSION]
docker_fault() {
    case $1 in
    kill) docker_compose kill --signal KILL rabbitmq ;;
    stop) docker_compose stop --timeout 10 rabbitmq ;;
    pause) docker_compose pause rabbitmq ;;
    resume) docker_compose unpause rabbitmq ;;
    restart)
        [ "$(docker_state)" != paused ] || docker_compose unpause rabbitmq
        docker_compose stop --timeout 10 rabbitmq
        docker_up
        ;;
    alarm)
        case $2 in
        # Setting it waits for nothing; looking at it does, until all connections are told.
        on) docker_evaluate 'rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []}), rabbit_alarm:get_alarms()' ;;
        off) docker_evaluate 'rabbit_alarm:clear_alarm({resource_limit, memory, node()}), rabbit_alarm:get_alarms()' ;;
        esac
        ;;
    evaluate) docker_evaluate "$2" ;;
    app)
        case $2 in
        on) docker_control start_app ;;
        off) docker_control stop_app ;;
        esac
        ;;
    listeners)
        case $2 in
        on) docker_evaluate 'rabbit_maintenance:resume_all_client_listeners()' ;;
        off) docker_evaluate 'rabbit_maintenance:suspend_all_client_listeners()' ;;
        esac
        ;;
    close-connections) docker_control close_all_connections 'closed by an operator' ;;
    esac >/dev/null 2>>"$log" || fail 70 "the container did not do it: $(tail -n 1 "$log")"
}
