@main
enum Mews {
    static func main() {}
}
