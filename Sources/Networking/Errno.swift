#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The system's error numbers of a connection, sorted by what they mean to us.
enum Errno: Hashable {
    case refused
    case unreachable(String)
    case timedOut
    case reset
    case other(String)

    init(_ code: Int32) {
        switch code {
        case ECONNREFUSED: self = .refused
        case EHOSTUNREACH: self = .unreachable("no route to the host")
        case ENETUNREACH: self = .unreachable("no route to the network")
        case ENETDOWN: self = .unreachable("the network is down")
        case EHOSTDOWN: self = .unreachable("the host is down")
        // A packet filter on this machine or on the way ("administratively prohibited") says one of these.
        case EACCES, EPERM: self = .unreachable("not permitted (a firewall?)")
        case EADDRNOTAVAIL, EAFNOSUPPORT: self = .unreachable("this machine has no address of that family")
        case ETIMEDOUT: self = .timedOut
        case ECONNRESET, EPIPE, ECONNABORTED, ENOTCONN: self = .reset
        case EMFILE, ENFILE: self = .other("too many open files")
        default: self = .other("system error \(code)")
        }
    }
}
