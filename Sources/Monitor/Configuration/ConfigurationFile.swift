#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reading small files whole, and naming them.
enum ConfigurationFile {
    /// Why a file was not read, for a person.
    struct Unreadable: Error { var reason: String }

    /// The whole file. Fails where it is longer than `limit` octets, or cannot be read.
    static func read(_ path: String, limit: Int) throws(Unreadable) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable(reason: lastError()) }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { buffer in
                #if canImport(Glibc)
                    Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                    Musl.read(descriptor, buffer.baseAddress, buffer.count)
                #else
                    Darwin.read(descriptor, buffer.baseAddress, buffer.count)
                #endif
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Unreadable(reason: lastError())
            }
            if count == 0 { return octets }
            octets += chunk[..<count]
            if octets.count > limit { throw Unreadable(reason: "it is larger than \(limit) octets") }
        }
    }

    /// The `*.yaml` and `*.yml` files of a folder in the order of their names, without hidden ones;
    /// nil where `path` is no folder.
    static func yamlFiles(in path: String) throws(Unreadable) -> [String]? {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Unreadable(reason: lastError()) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return nil }
        guard let folder = opendir(path) else { throw Unreadable(reason: lastError()) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") { names.append(name) }
        }
        return names.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    /// `path` as seen from the folder of `file`.
    static func resolve(_ path: String, besides file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    static func canRead(_ path: String) -> Bool { access(path, R_OK) == 0 }

    private static func lastError() -> String { String(cString: strerror(errno)) }
}
