/// A process, as the network sees it: its connections live and die with it.
// Unchecked: a simulation has one thread.
final class Host: @unchecked Sendable {
    private(set) var isAlive = true
    private(set) var links: [Link] = []
    private(set) var drivers: [ConnectionDriver] = []

    /// Its links, those that are neither cut nor closed.
    var openLinks: [Link] { links.filter { $0.isOpen && !$0.transport.isClosed } }

    func add(_ link: Link, _ driver: ConnectionDriver) {
        links.append(link)
        drivers.append(driver)
    }

    /// Dies: nothing of it reaches the world any more.
    func kill() {
        isAlive = false
        for driver in drivers { driver.isFrozen = true }
        for link in links { link.cut(.broker) }
    }

    /// Lets what is left of it find out that it is alone, so that it can end.
    func bury() {
        for link in links { link.transport.lose(.reset) }
        for driver in drivers { driver.isFrozen = false }
    }
}
