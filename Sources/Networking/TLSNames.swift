internal import TLS

/// IANA's registry "TLS Cipher Suites"; what is not in it is written as its number.
func cipherSuiteName(_ number: UInt16) -> String { CipherSuite(rawValue: number).description }

/// IANA's registry "TLS Supported Groups".
func groupName(_ number: UInt16) -> String { NamedGroup(rawValue: number).description }

/// The version of the protocol as people write it: `TLSv1.2` for 0x0303.
func versionName(_ number: UInt16) -> String { ProtocolVersion(rawValue: number).description }
