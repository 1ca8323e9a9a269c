#!/bin/sh
# Certificates for a cluster of EventStoreDB: a CA of its own, and one certificate for each node.
#
#   ops/cluster/certificates.sh FOLDER [NODE...]      nodes: eventstore1 eventstore2 eventstore3 unless named
#
# Makes FOLDER/ca/ca.crt (for every node and for Boxoffice), FOLDER/ca.key (for nobody but this script: keep it apart),
# and FOLDER/NODE/node.crt and node.key. What is there is kept: run again, it makes what is missing. Nodes are known by
# name: Boxoffice's gRPC library refuses TLS to a bare IP address. Needs openssl 1.1.1 or later.
set -eu
folder=${1:?usage: certificates.sh FOLDER [NODE...]}
shift
[ $# -gt 0 ] || set -- eventstore1 eventstore2 eventstore3
umask 077
mkdir -p "$folder/ca"

if [ ! -e "$folder/ca.key" ]; then
  openssl req -x509 -newkey rsa:3072 -sha256 -nodes -days 1825 -subj "/O=Boxoffice/CN=EventStoreDB CA" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" -keyout "$folder/ca.key" -out "$folder/ca/ca.crt" 2>/dev/null
fi

for node; do
  [ ! -e "$folder/$node/node.crt" ] || continue
  mkdir -p "$folder/$node"
  # All nodes have the same common name: by it they recognise each other (CertificateReservedNodeCommonName).
  openssl req -newkey rsa:3072 -sha256 -nodes -subj "/CN=eventstoredb-node" \
    -keyout "$folder/$node/node.key" -out "$folder/$node/node.csr" 2>/dev/null
  cat > "$folder/$node/node.ext" <<EXT
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:$node,DNS:localhost
EXT
  openssl x509 -req -sha256 -days 730 -in "$folder/$node/node.csr" -extfile "$folder/$node/node.ext" \
    -CA "$folder/ca/ca.crt" -CAkey "$folder/ca.key" -CAcreateserial -CAserial "$folder/ca.srl" -out "$folder/$node/node.crt" 2>/dev/null
  rm "$folder/$node/node.csr" "$folder/$node/node.ext"
done

# The containers run under users of their own: they may read what is theirs by its mount, and nothing else is mounted.
chmod 755 "$folder/ca"
chmod 644 "$folder/ca/ca.crt"
for node; do
  chmod 755 "$folder/$node"
  chmod 644 "$folder/$node/node.crt" "$folder/$node/node.key"
done
