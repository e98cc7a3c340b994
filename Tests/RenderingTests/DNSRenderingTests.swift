import DNS
import Judgement
import Rendering
import Testing

@Suite struct DNSRenderingTests {
    let zone: Zone

    init() throws {
        zone = try Zone(
            """
            example.org. 300 MX 10 mail.example.org.
            www.example.org. 60 CNAME mail.example.org.
            mail.example.org. 300 A 192.0.2.1
            mail.example.org. 300 TXT "a\\027[31mb\\"c"
            gone.example.org. !timeout
            """)
    }

    func text(_ name: String, _ type: RecordType) throws -> String {
        let question = Question(try DomainName(name), type)
        return DNSRendering.text(question, zone.lookUp(question), Look())
    }

    func json(_ name: String, _ type: RecordType) throws -> String {
        let question = Question(try DomainName(name), type)
        return JSONWriter.text(DNSRendering.json(question, zone.lookUp(question)))
    }

    @Test func `an answer is written record by record, with the way there`() throws {
        #expect(
            try text("www.example.org", .a).hasPrefix(
                "www.example.org.  60  CNAME  mail.example.org.\nmail.example.org.  300  A  192.0.2.1\nNOERROR from"))
        #expect(
            try json("www.example.org", .a)
                == #"{"name":"www.example.org","type":"A","status":"NOERROR","authenticated":false,"#
                + #""truncated_then_tcp":false,"server":null,"seconds":0.0,"ttl":60,"answers":["#
                + #"{"name":"www.example.org","type":"CNAME","ttl":60,"data":"mail.example.org."},"#
                + #"{"name":"mail.example.org","type":"A","ttl":300,"data":"192.0.2.1"}]}"#)
    }

    @Test(arguments: [
        ("example.org", "example.org has no A record\nNOERROR"),
        ("no.example.org", "no.example.org does not exist\nNXDOMAIN"),
        ("gone.example.org", "no answer  gone.example.org A  timeout: planted\n"),
    ])
    func `nothing there, no such name and no answer read differently`(name: String, text: String) throws {
        #expect(try self.text(name, .a).hasPrefix(text))
    }

    @Test func `control characters of a record never come out`() throws {
        #expect(try text("mail.example.org", .txt).contains("\"a\\027[31mb\\\"c\""))
    }

    @Test func `a packet in hexadecimal is read`() {
        let line = "0102 8180 0001 0001 0000 0000 01 61 00 0001 0001 c00c 0001 0001 0000012c 0004 c0000201"
        let value = DNSRendering.json(packet: line.utf8)
        #expect(
            JSONWriter.text(value)
                == #"{"id":258,"flags":33152,"flag_names":["qr","rd","ra"],"opcode":0,"rcode":"NOERROR","qdcount":1,"#
                + #""ancount":1,"nscount":0,"arcount":0,"questions":[{"name":"a","type":"A"}],"#
                + #""answers":[{"name":"a","type":"A","ttl":300,"data":"192.0.2.1"}],"authority":[],"additional":[]}"#)
    }

    @Test(arguments: [
        ("0", "an odd number of hexadecimal digits"), ("zz", "not hexadecimal at digit 1"),
        (" \r", "failed to read header.id at octet 0: the octets end before it does"),
        ("0102", "failed to read header.flags at octet 2: the octets end before it does"),
        (String(repeating: "00", count: 65_536), "more than the 65535 octets of a message"),
    ])
    func `what is no packet says why`(line: String, error: String) {
        #expect(DNSRendering.json(packet: line.utf8) == ["error": .string(error)])
    }

    @Test func `what is of another class is shown with its class`() {
        let line = "0102 8180 0001 0001 0000 0000 01 61 00 0010 0003 c00c 0010 0003 00000000 0002 0141"
        let text = JSONWriter.text(DNSRendering.json(packet: line.utf8))
        let shown = [
            #"{"section":"questions","name":"a","type":"TXT","class":3}"#,
            ##"{"section":"answers","name":"a","type":"TXT","class":3,"ttl":0,"data":"\\# 2 0141"}"##,
        ]
        #expect(text.hasSuffix(#""additional":[],"other_classes":["# + shown.joined(separator: ",") + "]}"))
    }
}
