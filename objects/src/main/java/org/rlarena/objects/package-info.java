/**
 * The object store that services share, each below prefixes of its own: files below a folder, or
 * objects of an S3 bucket. An object is complete or absent; which objects there are, how large they
 * may be and who may have them is decided by the services, not here.
 */
package org.rlarena.objects;
