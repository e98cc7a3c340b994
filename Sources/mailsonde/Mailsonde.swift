import ArgumentParser

@main
struct Mailsonde: AsyncParsableCommand {}
