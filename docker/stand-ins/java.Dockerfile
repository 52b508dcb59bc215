# For JAVA_IMAGE: this machine's JDK on Debian. The context is the JDK's folder.
FROM rl-arena-stand-in/debian
COPY . /opt/java/openjdk
ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:$PATH
