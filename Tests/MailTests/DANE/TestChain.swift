import FoundationEssentials
import Mail

/// Certificates made with OpenSSL for these tests, in DER: P-256, in date from 2020 to 2049 but where the name says otherwise.
enum TestChain {
    /// CN=Test Root, an authority.
    static let root = octets(
        """
        MIIBWjCCAQCgAwIBAgICEAAwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIz\
        MTIzNTk1OVowFDESMBAGA1UEAwwJVGVzdCBSb290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEHikBh3UPQHlN3mWS6Ubcxpn\
        NY3Peca/JYkju4rdCGqIhKecW5k9kFYidlOPekvuGofZmCAmjHduPa6DtpJjZ6NCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8B\
        Af8EBAMCAQYwHQYDVR0OBBYEFI68bnv/ZWQFd4cHdx2rp/PuNnrQMAoGCCqGSM49BAMCA0gAMEUCIGQ5W4NRo5Ydua5Z/ZjJvKaO\
        LKMZHkxhl6u3q1oxn4YCAiEAmARoz5IW7YiT+qZMGWVLEDhLOoPk0Bo90Wsc/AMaDMg=
        """)

    /// CN=Test Issuer, an authority, signed by `root`.
    static let issuer = octets(
        """
        MIIBfTCCASOgAwIBAgICEAEwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIz\
        MTIzNTk1OVowFjEUMBIGA1UEAwwLVGVzdCBJc3N1ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQxit6Q/KM8SzPkOC4vEmm9\
        7DySBAYu5trTHkDuU+uBqp4IcMRMa+JFua6olyM0Gl9TKROBlcyfthjwU2w1GiAGo2MwYTAPBgNVHRMBAf8EBTADAQH/MA4GA1Ud\
        DwEB/wQEAwIBBjAdBgNVHQ4EFgQUVvpmCw8JmocyITDS01fMx6PAmPwwHwYDVR0jBBgwFoAUjrxue/9lZAV3hwd3Haun8+42etAw\
        CgYIKoZIzj0EAwIDSAAwRQIgVwCuTqjwklMcCiOYkokTI7pomQW3Xs0MVAAsG2EWW2sCIQDAq9LVNEwRnojUj4K8szytVaFy5+mE\
        PLTIyL5jInga4A==
        """)

    /// mx.example.org by subjectAltName, signed by `issuer`.
    static let leaf = octets(
        """
        MIIBoTCCAUagAwIBAgICEAIwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLVGVzdCBJc3N1ZXIwHhcNMjAwMTAxMDAwMDAwWhcNNDkx\
        MjMxMjM1OTU5WjAZMRcwFQYDVQQDDA5teC5leGFtcGxlLm9yZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNG7MLD2X93RePs3\
        DdWJ3XQtdF900llcdgKdn+DJsC8H0rQR/wgu/s6Q1enbzor7ilJJ9QMsgIEV87LdTPblFO6jgYAwfjAMBgNVHRMBAf8EAjAAMBMG\
        A1UdJQQMMAoGCCsGAQUFBwMBMBkGA1UdEQQSMBCCDm14LmV4YW1wbGUub3JnMB0GA1UdDgQWBBQ2B2+tcEThXkPbmMk4BCyNjQ4F\
        1TAfBgNVHSMEGDAWgBRW+mYLDwmahzIhMNLTV8zHo8CY/DAKBggqhkjOPQQDAgNJADBGAiEA2qcuV+UTR2zPd6D4evBCRNyE5Nod\
        jVveHwcjVs5p7YECIQCP/xBUV1biONFPceFOE/KQdOBNL478p2k+Eu1Ad+oXTw==
        """)

    /// mx.example.org by common name alone, signed by `issuer`.
    static let commonName = octets(
        """
        MIIBbzCCARWgAwIBAgICEAMwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLVGVzdCBJc3N1ZXIwHhcNMjAwMTAxMDAwMDAwWhcNNDkx\
        MjMxMjM1OTU5WjAZMRcwFQYDVQQDDA5teC5leGFtcGxlLm9yZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKzacdei4m3UanAV\
        XHo91ly/GmhNbUUEQCq6ZatLSMqD8Q7qvvspOETLUMWwDKzNggZI81Dy3/Llgzq6AjAx7FCjUDBOMAwGA1UdEwEB/wQCMAAwHQYD\
        VR0OBBYEFKuwcziGYj12UP0gvQeVZ/KAArxQMB8GA1UdIwQYMBaAFFb6ZgsPCZqHMiEw0tNXzMejwJj8MAoGCCqGSM49BAMCA0gA\
        MEUCIQDpe8eUkCxAFpEBJO7JIDhccNpC9JzNe1Ih8p4AserqCgIgNScrjOw5Kfa4uBfmdeSEqINR9U1LFCAhX0ol3c4nG8s=
        """)

    /// mx.example.org for clients only, signed by `issuer`.
    static let forClients = octets(
        """
        MIIBkTCCATegAwIBAgICEAQwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLVGVzdCBJc3N1ZXIwHhcNMjAwMTAxMDAwMDAwWhcNNDkx\
        MjMxMjM1OTU5WjAZMRcwFQYDVQQDDA5teC5leGFtcGxlLm9yZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMZk8Y60AxZNYHyD\
        jHCvRoOVcZ7fyTmNs086NuJO0kBxC4fY8nWSFIMBj705vFmOpTqiQ2dXxwX85bigFhSEROyjcjBwMBMGA1UdJQQMMAoGCCsGAQUF\
        BwMCMBkGA1UdEQQSMBCCDm14LmV4YW1wbGUub3JnMB0GA1UdDgQWBBS1i/MvkAsE9+MqH79CatUnrRszGjAfBgNVHSMEGDAWgBRW\
        +mYLDwmahzIhMNLTV8zHo8CY/DAKBggqhkjOPQQDAgNIADBFAiEAjHv89X/3riP5/HoNs43pFZTHSxWmMlT2j6fncDWQkcICIFFy\
        8Gh3tF6UcXHgaoK3Xy8eLqQcK32gUnXhTvknhKvW
        """)

    /// *.example.org and example.net; its common name is mx.example.org. Signed by `issuer`.
    static let wildcard = octets(
        """
        MIIBhzCCAS6gAwIBAgICEAUwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLVGVzdCBJc3N1ZXIwHhcNMjAwMTAxMDAwMDAwWhcNNDkx\
        MjMxMjM1OTU5WjAZMRcwFQYDVQQDDA5teC5leGFtcGxlLm9yZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABA+xt+PBdajJiAKk\
        fAOGp2kFnrc463VciK5pb6ErAynFkMQtsskvaw3J4DkwkbOJsR/6GYx+285cRk2tIfh3OWyjaTBnMCUGA1UdEQQeMByCDSouZXhh\
        bXBsZS5vcmeCC2V4YW1wbGUubmV0MB0GA1UdDgQWBBRs6FYTpP3krZN560BRZaJ7DEkUczAfBgNVHSMEGDAWgBRW+mYLDwmahzIh\
        MNLTV8zHo8CY/DAKBggqhkjOPQQDAgNHADBEAiBPTHOdBxM+kCJGTgxX9HRSv6asy6kU0ljFWKEGIY2/1AIgCX3UEKHPg/aeNi5g\
        WEnzTgjkmiWnvlyE/WsGq3Ovlfc=
        """)

    /// mx.example.org until 2021, signed by `issuer`.
    static let expired = octets(
        """
        MIIBoDCCAUagAwIBAgICEAYwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLVGVzdCBJc3N1ZXIwHhcNMjAwMTAxMDAwMDAwWhcNMjEw\
        MTAxMDAwMDAwWjAZMRcwFQYDVQQDDA5teC5leGFtcGxlLm9yZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLEs1CarfzWuPgQl\
        HCduhq1RhMDygss9ICpSpBOn6ZStRN4HaAiU9xe/+AsjeL/wI1aJTxn75DI6LnyrWsRQ78ajgYAwfjAMBgNVHRMBAf8EAjAAMBMG\
        A1UdJQQMMAoGCCsGAQUFBwMBMBkGA1UdEQQSMBCCDm14LmV4YW1wbGUub3JnMB0GA1UdDgQWBBR/jUULnUPbh8pQEmgutRQ60PZZ\
        YDAfBgNVHSMEGDAWgBRW+mYLDwmahzIhMNLTV8zHo8CY/DAKBggqhkjOPQQDAgNIADBFAiBu9MHghSaf0J2hfY0gTJPj3QQNJH4E\
        GIWtCFP2pN4vCgIhAJsAioMsD1xa9EK9CyMnjk+ERwK2iwHSsgddfWcdeQPR
        """)

    /// CN=Test Issuer over another key, signed by `root`.
    static let otherIssuer = octets(
        """
        MIIBfTCCASOgAwIBAgICEAcwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIz\
        MTIzNTk1OVowFjEUMBIGA1UEAwwLVGVzdCBJc3N1ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQoFiqDjE4ezRVgWG9J3Btl\
        KrwkZG4ge6zh5cVUtqncvya2bWJR4Isf49x3yFCuZTQRU+2XSI3CRtzsdgHhOpSVo2MwYTAPBgNVHRMBAf8EBTADAQH/MA4GA1Ud\
        DwEB/wQEAwIBBjAdBgNVHQ4EFgQUIRaBPIFiMnO3tE3Pe3bTHM7uZYowHwYDVR0jBBgwFoAUjrxue/9lZAV3hwd3Haun8+42etAw\
        CgYIKoZIzj0EAwIDSAAwRQIhAIRVLmlhQGUEODALmP5bQEKFKeEGgoHV5jzYDa5jRUumAiBmbxHis1DamsEbpWN6j7tZjaxVRlIb\
        ++Z90xzCGmgQAg==
        """)

    /// CN=No Authority, which is none, signed by `root`.
    static let noAuthority = octets(
        """
        MIIBazCCARGgAwIBAgICEAgwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290MB4XDTIwMDEwMTAwMDAwMFoXDTQ5MTIz\
        MTIzNTk1OVowFzEVMBMGA1UEAwwMTm8gQXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/faK2cEKpam8y1mmM1Qt\
        sYaBUUAXxTKdb8RI0EhX144LNR+6MgyjwBiJhsu2WC5uXMKOG7+oWq71eorPfFJ1QqNQME4wDAYDVR0TAQH/BAIwADAdBgNVHQ4E\
        FgQUpfXms1Lm/hFPHWNJdK6waJuO1+wwHwYDVR0jBBgwFoAUjrxue/9lZAV3hwd3Haun8+42etAwCgYIKoZIzj0EAwIDSAAwRQIh\
        AJ2HEvoXwrcQCoTRrQohgZBGgW9McDLspWZWvUs7MKroAiBfTpFAEe0ScGNApErnQ1mFyD5gq4p0zOpwLSDgWtx9YQ==
        """)

    /// mx.example.org, signed by `noAuthority`.
    static let belowNoAuthority = octets(
        """
        MIIBoTCCAUegAwIBAgICEAkwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMTm8gQXV0aG9yaXR5MB4XDTIwMDEwMTAwMDAwMFoXDTQ5\
        MTIzMTIzNTk1OVowGTEXMBUGA1UEAwwObXguZXhhbXBsZS5vcmcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATYbYCDXmZcUAyW\
        WoDaibgRz5DvBWMyfmSsJvvD8JSYP/oWQINX+BOrrECqENcxxCgBygabfNW27qYIwQdaTCR7o4GAMH4wDAYDVR0TAQH/BAIwADAT\
        BgNVHSUEDDAKBggrBgEFBQcDATAZBgNVHREEEjAQgg5teC5leGFtcGxlLm9yZzAdBgNVHQ4EFgQU6vJO8ou3qbCnK0sG2es3HaWr\
        UskwHwYDVR0jBBgwFoAUpfXms1Lm/hFPHWNJdK6waJuO1+wwCgYIKoZIzj0EAwIDSAAwRQIhALA/XmathTj0YuiJiVh7x82PvMor\
        42mvngC55A3iyb/rAiBfV56UnzRMkVUW5yhLGIAQ6Eq1kNAU27z0Jorbdk0pMg==
        """)

    /// CN=another.name, expired, signed by itself.
    static let selfSigned = octets(
        """
        MIIBSzCB86ADAgECAgIQCjAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxhbm90aGVyLm5hbWUwHhcNMjAwMTAxMDAwMDAwWhcNMjEw\
        MTAxMDAwMDAwWjAXMRUwEwYDVQQDDAxhbm90aGVyLm5hbWUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATo1vIn80KGbbl2XK+i\
        ELp7ZFViQDNX7wIV4or2Udn5FhwmC5lhNW/3AmUM10TdjwXsuZ+weiSBl0IJnWiVOlV+oy8wLTAMBgNVHRMBAf8EAjAAMB0GA1Ud\
        DgQWBBQsLEerwBOVnkm8EoUD6HPDxN4qcTAKBggqhkjOPQQDAgNHADBEAiANwDpxTh4N5K3u8hIgoxD1fd/bVwToxAQYqn7dR/Ep\
        1QIgK1aNzO1pjEYZBEnapWFRh7XWRlOYdXQWg7LyWKTHa0k=
        """)

    private static func octets(_ base64: String) -> [UInt8] { Data(base64Encoded: base64).map(Array.init) ?? [] }
}
