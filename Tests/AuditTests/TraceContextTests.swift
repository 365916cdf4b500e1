import Audit
import Testing

@Suite("A session's place in a trace is taken from TRACEPARENT and TRACESTATE (W3C Trace Context)")
struct TraceContextTests {
    private let example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func context(_ parent: String?, _ state: String? = nil) -> TraceContext? {
        TraceContext(parent: parent.map { Array($0.utf8) }, state: state.map { Array($0.utf8) })
    }

    @Test("the recommendation's example")
    func valid() {
        let found = context(example, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
        #expect(found?.trace == "0af7651916cd43dd8448eb211c80319c")
        #expect(found?.parentSpan == "b7ad6b7169203331")
        #expect(found?.isSampled == true)
        #expect(found?.state == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
        #expect(context(String(example.dropLast()) + "2")?.isSampled == false)
    }

    @Test("a later version may say more")
    func later() {
        #expect(context("01" + example.dropFirst(2) + "-more") != nil)
        #expect(context(example + "-more") == nil)
    }

    @Test("what isn't one is nil")
    func malformed() {
        #expect(context(nil) == nil)
        for text in [
            "", "00", "ff" + example.dropFirst(2), example.uppercased(), " " + example, example + " ",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b71692033311-01",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
            example + String(repeating: "-a", count: 1000),
        ] {
            #expect(context(String(text)) == nil)
        }
    }

    @Test("a state that can't be kept leaves the trace as it is")
    func state() {
        for text in [
            "", "a", "a=b\n", String(repeating: "a=b,", count: 33), "a=" + String(repeating: "b", count: 600),
        ] {
            let found = context(example, text)
            #expect(found != nil)
            #expect(found?.state == nil)
        }
    }
}
