package org.rlarena.outbox;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** Something a stand-in service stores. */
@Entity
class Note {

  @Id String id;
  String text;

  Note() {}

  Note(String id, String text) {
    this.id = id;
    this.text = text;
  }
}
