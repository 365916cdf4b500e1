@main
enum MewsTools {
    static func main() {}
}
