#pragma once

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

/* What Swift cannot import or must not do itself: variadic functions, macros, callbacks that run inside OpenSSL. */

/* amqp_login_with_properties with SASL PLAIN. */
static inline amqp_rpc_reply_t mimi_login_plain(amqp_connection_state_t state, const char *vhost, int channel_max,
                                                int frame_max, int heartbeat, const amqp_table_t *properties,
                                                const char *username, const char *password) {
    return amqp_login_with_properties(state, vhost, channel_max, frame_max, heartbeat, properties,
                                      AMQP_SASL_METHOD_PLAIN, username, password);
}

/* amqp_login_with_properties with SASL EXTERNAL. The broker takes the identity from the certificate; what stands here is
   not looked at, but the library reports an empty one as lack of memory. */
static inline amqp_rpc_reply_t mimi_login_external(amqp_connection_state_t state, const char *vhost, int channel_max,
                                                   int frame_max, int heartbeat, const amqp_table_t *properties) {
    return amqp_login_with_properties(state, vhost, channel_max, frame_max, heartbeat, properties,
                                      AMQP_SASL_METHOD_EXTERNAL, " ");
}

/* send(2) that raises no SIGPIPE. Darwin has no such flag; there the socket option does it. */
static inline ssize_t mimi_send(int fd, const void *bytes, size_t count) {
#ifdef MSG_NOSIGNAL
    return send(fd, bytes, count, MSG_NOSIGNAL);
#else
    return send(fd, bytes, count, 0);
#endif
}

static inline void mimi_no_sigpipe(int fd) {
#ifdef SO_NOSIGPIPE
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#else
    (void)fd;
#endif
}

/* What a handshake needs to know and what it tells. Must outlive the connection state whose socket it is set on. */
typedef struct {
    SSL *ssl;               /* captured when the handshake starts; valid until the socket is closed */
    long verify_error;      /* an X509_V_ERR_… that made us refuse the peer, or X509_V_OK */
    int verify_peer;        /* whether a bad chain refuses the peer */
    char server_name[256];  /* for SNI; empty for an address, which must not be sent */
} mimi_tls_session;

/* The library keeps its SSL to itself but hands out the context, and the context hands out the SSL. SNI is set here as
   well, because the library is given an address to connect to and would announce that. */
static inline void mimi_tls_info(const SSL *ssl, int where, int result) {
    (void)result;
    if (!(where & SSL_CB_HANDSHAKE_START)) return;
    mimi_tls_session *session = (mimi_tls_session *)SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    if (session == NULL || session->ssl != NULL) return;
    session->ssl = (SSL *)ssl;
    const char *name = session->server_name[0] ? session->server_name : NULL;
    (void)SSL_set_tlsext_host_name(session->ssl, name);
}

static inline int mimi_tls_verified(int ok, X509_STORE_CTX *store) {
    if (ok) return 1;
    SSL *ssl = (SSL *)X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    mimi_tls_session *session = ssl ? (mimi_tls_session *)SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)) : NULL;
    if (session == NULL) return 0;
    int error = X509_STORE_CTX_get_error(store);
    int is_name = error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH;
    if (!session->verify_peer && !is_name) return 1;
    session->verify_error = error;
    return 0;
}

/* Sets verification up so that it happens in the handshake, before our own certificate is shown. The library's checks
   come after it, and its name check never matches an address. `expected` is NULL when no name is to be verified. */
static inline int mimi_tls_prepare(amqp_socket_t *socket, mimi_tls_session *session, const char *expected,
                                   int is_address) {
    SSL_CTX *context = (SSL_CTX *)amqp_ssl_socket_get_context(socket);
    if (context == NULL) return 0;
    amqp_ssl_socket_set_verify_peer(socket, session->verify_peer);
    amqp_ssl_socket_set_verify_hostname(socket, 0);
    if (!SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)) return 0;
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (expected != NULL) {
        X509_VERIFY_PARAM *parameters = SSL_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        if (is_address ? !X509_VERIFY_PARAM_set1_ip_asc(parameters, expected)
                       : !X509_VERIFY_PARAM_set1_host(parameters, expected, 0))
            return 0;
    }
    int mode = session->verify_peer || expected != NULL ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
    SSL_CTX_set_verify(context, mode, mimi_tls_verified);
    SSL_CTX_set_app_data(context, session);
    SSL_CTX_set_info_callback(context, mimi_tls_info);
    return 1;
}

/* Trusts the system's authorities. amqp_ssl_socket_enable_default_verify_paths does the same, but from 0.14 on only. */
static inline int mimi_tls_trust_system(amqp_socket_t *socket) {
    return SSL_CTX_set_default_verify_paths((SSL_CTX *)amqp_ssl_socket_get_context(socket));
}

/* amqp_ssl_socket_set_key. The pass phrase is always set, for without one OpenSSL asks on the terminal; the library
   keeps the pointer, so that it must not stay on the caller's memory. */
static inline int mimi_tls_use_key(amqp_socket_t *socket, const char *certificate, const char *key,
                                   const char *passphrase) {
    amqp_ssl_socket_set_key_passwd(socket, passphrase);
    int status = amqp_ssl_socket_set_key(socket, certificate, key);
    amqp_ssl_socket_set_key_passwd(socket, "");
    if (status != AMQP_STATUS_OK) return status;
    return SSL_CTX_check_private_key((SSL_CTX *)amqp_ssl_socket_get_context(socket)) ? AMQP_STATUS_OK
                                                                                     : AMQP_STATUS_SSL_ERROR;
}

/* Whether an error only says that the stream broke or that the peer is in trouble, and not that one side refuses the
   other. */
static inline int mimi_tls_is_cut(unsigned long code) {
    if (ERR_GET_LIB(code) == ERR_LIB_SYS) return 1;
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) return 0;
    switch (ERR_GET_REASON(code)) {
#ifdef SSL_R_UNEXPECTED_EOF_WHILE_READING
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
#endif
    case SSL_R_TLSV1_ALERT_INTERNAL_ERROR:
    case SSL_R_TLSV1_ALERT_USER_CANCELLED:
        return 1;
    default:
        return 0;
    }
}

/* When the peer's certificate ends, in seconds since 1970; -1 if it has none. */
static inline long long mimi_tls_certificate_end(const SSL *ssl) {
    X509 *certificate = SSL_get_peer_certificate(ssl);
    if (certificate == NULL) return -1;
    struct tm end;
    int known = ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end);
    X509_free(certificate);
    return known ? (long long)timegm(&end) : -1;
}

/* Takes the oldest error, the cause, from OpenSSL's queue and clears the rest. Returns 0 when there is none. */
static inline int mimi_tls_take_error(char *text, size_t size, int *is_cut) {
    unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return 0;
    *is_cut = mimi_tls_is_cut(code);
    const char *reason = ERR_reason_error_string(code);
    if (ERR_GET_LIB(code) == ERR_LIB_SYS) reason = strerror(ERR_GET_REASON(code));
    if (reason != NULL)
        (void)snprintf(text, size, "%s", reason);
    else
        ERR_error_string_n(code, text, size);
    return 1;
}

/* Whether the oldest queued error says that the peer ended TCP without ending TLS. */
static inline int mimi_tls_is_unexpected_end(void) {
#ifdef SSL_R_UNEXPECTED_EOF_WHILE_READING
    return ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
#else
    return 0;
#endif
}
