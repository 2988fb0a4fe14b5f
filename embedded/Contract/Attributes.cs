namespace Orleans;

/// <summary>The type can cross a grain call between processes.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute;

/// <summary>The member's number on the wire; never reused.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method)]
public sealed class IdAttribute(uint id) : Attribute
{
    /// <summary>The number.</summary>
    public uint Id { get; } = id;
}

/// <summary>The name on the wire, so that the type or method can be renamed in code.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Enum | AttributeTargets.Method)]
public sealed class AliasAttribute(string alias) : Attribute
{
    /// <summary>The name.</summary>
    public string Alias { get; } = alias;
}

/// <summary>Never changed after it is made, so that calls need not copy it.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter | AttributeTargets.ReturnValue)]
public sealed class ImmutableAttribute : Attribute;

/// <summary>How long a caller waits for an answer before it gets a <see cref="TimeoutException"/>; the callee goes on.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    /// <summary>The time; null when the attribute's text is no time.</summary>
    public TimeSpan? Timeout { get; } = TimeSpan.TryParse(timeout, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;
}
