/// Certificates made by OpenSSL, each signed by itself, to be read by our own reader.
enum CertificateFixtures {
    /// An RSA key that is too short for a careful parser.
    static let rsa1024 = """
        -----BEGIN CERTIFICATE-----
        MIICDTCCAXagAwIBAgICAQIwDQYJKoZIhvcNAQELBQAwEzERMA8GA1UEAwwIb2xk
        LnRlc3QwIBcNMjYxMTIyMTgwNDM3WhgPMjA1MTA3MTQxODA0MzdaMBMxETAPBgNV
        BAMMCG9sZC50ZXN0MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDxo7TDE9cg
        b5S/uaJQqSvbgTJtdyx54U3Y2wzO/0k2OE77dl5PyC9X/ZLmUM+kuCDuu6J4MNJe
        gjQLZPCZrUvdO+QIM+k/ePhU517lVSAyxvhaUCJpp/Zc4NkNLPKxJZY3dSer4WFf
        QnF2gkyFWM/qwdgJuMN+4PlzX4NyaQsZfQIDAQABo24wbDAdBgNVHQ4EFgQU+7xd
        kRrXWXs522ItntJnIaRk7QswHwYDVR0jBBgwFoAU+7xdkRrXWXs522ItntJnIaRk
        7QswDwYDVR0TAQH/BAUwAwEB/zAZBgNVHREEEjAQgghvbGQudGVzdIcEwAACBzAN
        BgkqhkiG9w0BAQsFAAOBgQBKjDeRBQ1y02pC6kq2VtR9SmbV3W06Akk/J6xngh1Q
        pztUhHUlqrwpRpXsg105flsKF395mxicPRjymZtQe/uNDroB6SCT4yZfZVuSTJtV
        qkjIT2aPKY2z3FwqzHqiXBxXy9dCpTUuwkObc9QJPx208Wv0Az1pGgOYJtI5EKmF
        wg==
        -----END CERTIFICATE-----
        """

    /// A kind of key that swift-certificates does not know.
    static let ed448 = """
        -----BEGIN CERTIFICATE-----
        MIIBnzCCAR+gAwIBAgIBBTAFBgMrZXEwGjEYMBYGA1UEAwwPZ29sZGlsb2Nrcy50
        ZXN0MCAXDTI2MTEyMjE4MDQzN1oYDzIwNTEwNzE0MTgwNDM3WjAaMRgwFgYDVQQD
        DA9nb2xkaWxvY2tzLnRlc3QwQzAFBgMrZXEDOgAke58zvvIjKh+S68omRCtQYIwl
        iviB75SxACLoEykQLF7EvL5RAwo7R3xuhmkqcxiZ0+7afKgvVgCjbzBtMB0GA1Ud
        DgQWBBTTam+QLLusNvPkKZ78FGfPLcIgfzAfBgNVHSMEGDAWgBTTam+QLLusNvPk
        KZ78FGfPLcIgfzAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGCD2dvbGRpbG9j
        a3MudGVzdDAFBgMrZXEDcwBP6mRtzcsIrEoArlEuJwHUwpi/rAa/KbVB2bCgcUoR
        4+D7dqGnu8/L18eeVaOS14YtFOTok5nJxoBjnsDsRqrzyVeeknQbWr1mBS56b9rN
        QNh5UahMgkznHtVONJzHW++6927cGGEEruM/V9vxYdXXPgA=
        -----END CERTIFICATE-----
        """

    /// Names of all kinds, one not of a server.
    static let p384 = """
        -----BEGIN CERTIFICATE-----
        MIICTDCCAdKgAwIBAgIID+3LqYdlQyEwCgYIKoZIzj0EAwMwPjELMAkGA1UEBhMC
        REUxFjAUBgNVBAoMDUV4YW1wbGUsIEluYy4xFzAVBgNVBAMMDm14LmV4YW1wbGUu
        b3JnMCAXDTI2MTEyMjE4MDQzN1oYDzIwNTEwNzE0MTgwNDM3WjA+MQswCQYDVQQG
        EwJERTEWMBQGA1UECgwNRXhhbXBsZSwgSW5jLjEXMBUGA1UEAwwObXguZXhhbXBs
        ZS5vcmcwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAASnshQv6HyDMa5zy/PALUDC5oi5
        CMPHlXM+kpk8QGadS4XKRxMNFy+O/f9oUdmTmMCL7FS2qGYng58p6MFnl396MDtC
        Hk8dTz1avKdbUxy+pY7/Fd7Kddiho6xTabfwHUWjgZowgZcwHQYDVR0OBBYEFEro
        JyELKKUn7PxDe9h/jAXkHCU7MB8GA1UdIwQYMBaAFEroJyELKKUn7PxDe9h/jAXk
        HCU7MA8GA1UdEwEB/wQFMAMBAf8wRAYDVR0RBD0wO4IObXguZXhhbXBsZS5vcmeC
        DSouZXhhbXBsZS5vcmeHECABDbgAAAAAAAAAAAAAAAGBCGFAYi50ZXN0MAoGCCqG
        SM49BAMDA2gAMGUCMDoTRkJLJM5HoCm+i712gkOHW99QlEcwYIZPydT6qP9gB30o
        w4BBb1Ka2lro8XAwKAIxAJM+L61ZMtYA2CnjdJIQcfzwp2V0FedZOs5mhQqAHOx/
        OTO2aU4I/3FNIa3/O+hQ4w==
        -----END CERTIFICATE-----
        """
}
