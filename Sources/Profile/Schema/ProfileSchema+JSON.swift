extension ProfileSchema {
    /// The format as JSON Schema 2020-12, for editors and other programs: the same text each time.
    ///
    /// It describes the syntax, also of keys that this version refuses to enforce; relations between lines,
    /// such as a grant below a denial, it can't express.
    public static func json() -> String {
        var members: [(name: String, value: JSONText)] = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            ("title", .text("Mews profile")),
            ("description", .text("What a session in the Mews sandbox may do.")),
        ]
        members += object(fields)
        return JSONText.object(members).written() + "\n"
    }

    private static func object(_ fields: [SchemaField]) -> [(name: String, value: JSONText)] {
        let properties = fields.map { field in
            var members = schema(field.shape)
            let later = field.availability == .later ? " Not in this version." : ""
            members.insert(("description", .text(field.summary + later)), at: 0)
            return (name: field.name, value: JSONText.object(members))
        }
        return [
            ("type", .text("object")), ("additionalProperties", .flag(false)),
            ("properties", .object(properties)),
        ]
    }

    private static func schema(_ shape: SchemaShape) -> [(name: String, value: JSONText)] {
        switch shape {
        case .scalar(let kind): return kind.schema
        case .list(let item):
            return [("type", .text("array")), ("items", .object(schema(item)))]
        case .mapping(let fields): return object(fields)
        case .dictionary(let name, let value):
            return [
                ("type", .text("object")), ("propertyNames", .object(name.schema)),
                ("additionalProperties", .object(value.schema)),
            ]
        case .record(let record): return schema(record)
        case .either(let kind, let record):
            return [("anyOf", .list([.object(kind.schema), .object(schema(record))]))]
        }
    }

    private static func schema(_ record: SchemaRecord) -> [(name: String, value: JSONText)] {
        let properties = record.members.map { member in
            let members = [("description", JSONText.text(member.summary))] + schema(member.shape)
            return (name: member.name, value: JSONText.object(members))
        }
        var members: [(name: String, value: JSONText)] = [
            ("type", .text("object")), ("additionalProperties", .flag(false)),
            ("properties", .object(properties)),
        ]
        if !record.required.isEmpty {
            members.append(("required", .list(record.required.map(JSONText.text))))
        }
        if !record.oneOf.isEmpty {
            let choices = record.oneOf.map { JSONText.object([("required", .list([.text($0)]))]) }
            members.append(("oneOf", .list(choices)))
        }
        if !record.excluded.isEmpty {
            let dependencies = record.excluded.map { first, second in
                (name: first, value: JSONText.object([("properties", .object([(second, .flag(false))]))]))
            }
            members.append(("dependentSchemas", .object(dependencies)))
        }
        return members
    }
}
