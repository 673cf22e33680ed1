package io.nexus.oauth.rig;

import io.nexus.oauth.testing.TcpFaultProxy;

/** Writes what the proxy {@code name} does to the log of the run. */
record ProxyLog(String name, Journal log) implements TcpFaultProxy.Listener {

    @Override
    public void entered(TcpFaultProxy.Mode mode) {
        log.add("proxy", "name", name, "mode", mode);
    }

    @Override
    public void cut(int port, String why) {
        log.add("cut", "name", name, "port", port, "why", why);
    }
}
