/**
 * The live stream: what events mean for clients, who may see it, and how it reaches them over
 * WebSocket and server-sent events. docs/live.md is its description for clients.
 */
package org.rlarena.gateway.live;
