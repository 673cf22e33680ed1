/**
 * What all tests share, each once: {@link io.nexus.oauth.testing.Postgres} (a database that can be killed),
 * {@link io.nexus.oauth.testing.StrictProvider} with the rules of {@link io.nexus.oauth.testing.RotatingGrant} (an authorization
 * server), {@link io.nexus.oauth.testing.TcpFaultProxy} (a network that breaks) and {@link io.nexus.oauth.testing.MutableClock}.
 */
package io.nexus.oauth.testing;
