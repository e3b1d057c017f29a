# Throw-away certificates for tests. Sourced; written for OpenSSL 1.1.1 and newer and for the LibreSSL of macOS.
# shellcheck shell=sh
#
#   ca.pem                     the authority that the broker trusts and has its own certificate from
#   server.pem     server.key  the broker: localhost, 127.0.0.1, ::1
#   wronghost.pem  .key        a server that is somebody else
#   expired.pem    .key        a server whose time is over
#   nameless.pem   .key        a server with its address as the common name only, which counts for nothing
#   client.pem     .key        the user "guest", for the mechanism EXTERNAL
#   nobody.pem     .key        a user that the broker does not have
#   stranger.pem   .key        "guest" again, but from stranger-ca.pem, which nobody trusts

# make_certificates FOLDER
make_certificates() (
    umask 077
    mkdir -p "$1" && cd "$1" || return 1
    mkdir -p issued
    : >issued/index.txt
    cat >openssl.cnf <<'CONFIGURATION'
[req]
distinguished_name = any_name
prompt = no
[any_name]
[ca]
default_ca = authority
[authority]
database = issued/index.txt
new_certs_dir = issued
rand_serial = yes
default_md = sha256
policy = any_policy
unique_subject = no
[any_policy]
commonName = supplied
[authority_extensions]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1
[wronghost]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.invalid
[nameless]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth
[client]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = clientAuth
CONFIGURATION
    begins=$(certificate_day -1)
    ends=$(certificate_day 30)
    # One chain: `set -e` means nothing in a function that is called as a condition.
    make_authority ca 'Throw-away test authority' &&
        make_authority stranger-ca 'An authority nobody knows' &&
        make_certificate server ca localhost server "$begins" "$ends" &&
        make_certificate wronghost ca elsewhere.invalid wronghost "$begins" "$ends" &&
        make_certificate expired ca localhost server "$(certificate_day -30)" "$begins" &&
        make_certificate client ca guest client "$begins" "$ends" &&
        make_certificate nameless ca 127.0.0.1 nameless "$begins" "$ends" &&
        make_certificate nobody ca nobody client "$begins" "$ends" &&
        make_certificate stranger stranger-ca guest client "$begins" "$ends" || return 1
    rm -f stranger-ca.key
)

# make_user_certificate FOLDER NAME: a certificate of a user, for the mechanism EXTERNAL.
make_user_certificate() (
    umask 077
    cd "$1" && make_certificate "$2" ca "$2" client "$(certificate_day -1)" "$(certificate_day 30)"
)

# certificate_day DAYS: midnight so many days from now, as certificates spell it.
certificate_day() {
    perl -MPOSIX=strftime -e 'print strftime("%Y%m%d000000Z", gmtime(time + 86400 * shift))' -- "$1"
}

make_key() {
    openssl ecparam -genkey -name prime256v1 -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"
}

# make_authority NAME COMMON-NAME
make_authority() {
    make_key "$1" &&
        openssl req -x509 -new -key "$1.key" -out "$1.pem" -days 30 -subj "/CN=$2" -config openssl.cnf \
            -extensions authority_extensions
}

# make_certificate NAME AUTHORITY COMMON-NAME EXTENSIONS BEGINS ENDS
make_certificate() {
    make_key "$1" && openssl req -new -key "$1.key" -out issued/request -subj "/CN=$3" -config openssl.cnf || return 1
    # `ca`, not `x509 -req`: it alone lets old and new releases choose both days. It talks even when all is well.
    if ! openssl ca -batch -notext -config openssl.cnf -cert "$2.pem" -keyfile "$2.key" -in issued/request \
        -out "$1.pem" -extensions "$4" -startdate "$5" -enddate "$6" 2>issued/log; then
        cat issued/log >&2
        return 1
    fi
}
