"""SPDX 3.0.1's SHACL shapes, taken from SPDX's own Python bindings.

No package brings the published spdx-model.ttl, and the check must run offline. The bindings (spdx-python-model) are
generated from it by shacl2code and hold what it says about every class: parents, kind of node, and for each property its
path, type, values, pattern and counts. Here they become shapes again, for pyshacl to apply, together with the context
by which a document becomes a graph.
"""

from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from spdx_python_model import v3_0_1 as spdx

DATATYPES = {
    "StringProp": XSD.string,
    "AnyURIProp": XSD.anyURI,
    "DateTimeProp": XSD.dateTime,
    "DateTimeStampProp": XSD.dateTimeStamp,
    "IntegerProp": XSD.integer,
    "PositiveIntegerProp": XSD.positiveInteger,
    "NonNegativeIntegerProp": XSD.nonNegativeInteger,
    "BooleanProp": XSD.boolean,
    "FloatProp": XSD.decimal,
}


def type_of(cls) -> str | None:
    return getattr(cls, "_TYPE", None)


def classes():
    found = {}
    for value in vars(spdx).values():
        if isinstance(value, type) and type_of(value) is not None:
            found[type_of(value)] = value
    assert len(found) > 50, "the bindings keep their classes in another way than expected"
    return found.values()


def properties(cls):
    """Each property of a class itself: its description, the kind of one value, and whether it may have several."""
    inherited = {iri for parent in cls.__bases__ for iri in getattr(parent, "_OBJ_IRI_PROPS", {})}
    for iri, entry in cls._OBJ_IRI_PROPS.items():
        if iri in inherited:
            continue
        kind = entry.prop or entry.reg()
        inner = getattr(kind, "prop", None)
        yield entry, inner or kind, inner is not None


def shapes() -> Graph:
    graph = Graph()
    for cls in classes():
        shape = URIRef(type_of(cls))
        graph.add((shape, RDF.type, OWL.Class))
        graph.add((shape, RDF.type, SH.NodeShape))
        for parent in cls.__bases__:
            if type_of(parent) is not None:
                graph.add((shape, RDFS.subClassOf, URIRef(type_of(parent))))
        for entry, kind, repeated in properties(cls):
            node = BNode()
            graph.add((shape, SH.property, node))
            graph.add((node, SH.path, URIRef(entry.iri)))
            if entry.min_count:
                graph.add((node, SH.minCount, Literal(entry.min_count)))
            maximum = entry.max_count if repeated else 1
            if maximum:
                graph.add((node, SH.maxCount, Literal(maximum)))
            name = type(kind).__name__
            if name == "EnumProp":
                values = BNode()
                Collection(graph, values, [URIRef(iri) for iri, _ in kind.context])
                graph.add((node, SH["in"], values))
            elif name == "ObjectProp":
                graph.add((node, SH["class"], URIRef(type_of(kind.cls))))
            else:
                graph.add((node, SH.datatype, DATATYPES[name]))
            if kind.pattern is not None:
                graph.add((node, SH.pattern, Literal(kind.pattern)))
    return graph


def individuals(graph: Graph) -> None:
    """Adds the elements that SPDX itself defines, such as NoAssertionLicense, with their classes. SPDX made them: here the
    document's own creation stands for that, since it is not what is checked."""
    made = next(graph.subjects(RDF.type, URIRef(type_of(spdx.CreationInfo))), None)
    for cls in classes():
        for iri in cls.NAMED_INDIVIDUALS.values():
            graph.add((URIRef(iri), RDF.type, URIRef(type_of(cls))))
            if made is not None and issubclass(cls, spdx.Element):
                graph.add((URIRef(iri), URIRef(cls._OBJ_COMPACT_PROPS["creationInfo"].iri), made))


def context() -> dict:
    """The JSON-LD context that SPDX publishes, as far as the bindings know it."""
    terms: dict = {"spdxId": "@id", "type": "@type"}
    for cls in classes():
        terms[cls._COMPACT_TYPE or type_of(cls)] = type_of(cls)
        for entry, kind, _ in properties(cls):
            name = type(kind).__name__
            term = {"@id": entry.iri}
            if name in ("EnumProp", "ObjectProp"):
                term["@type"] = "@vocab"
                values = {compact: iri for iri, compact in (getattr(kind, "context", None) or ())}
                if values:
                    term["@context"] = values
            else:
                term["@type"] = str(DATATYPES[name])
            terms[entry.compact or entry.iri] = term
    return terms
