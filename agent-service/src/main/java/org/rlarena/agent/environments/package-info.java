/**
 * The catalogue: which environments exist, whether live executors play them and whether they are
 * switched on. What an environment does is the executors' business.
 */
package org.rlarena.agent.environments;
