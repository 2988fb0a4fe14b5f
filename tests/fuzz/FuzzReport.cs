namespace IotPlatform.Fuzz;

/// <summary>What a fuzz run has done, and what it has found.</summary>
public sealed record FuzzReport
{
    public required int Seed { get; init; }

    /// <summary>Packets that were sent, whole or not, before their connection ended.</summary>
    public required long Packets { get; init; }

    /// <summary>Those among them that were changed.</summary>
    public required long Mutated { get; init; }

    public required long Connections { get; init; }

    /// <summary>Connections that CONNACK let in.</summary>
    public required long Accepted { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required long HeapBytesBefore { get; init; }

    public required long HeapBytesAfter { get; init; }

    /// <summary>Exceptions out of the protocol side, and what was logged at Error.</summary>
    public required long Exceptions { get; init; }

    /// <summary>Everything that must not have happened; each names the connection that <see cref="SessionFuzz.ReplayAsync"/> plays again.</summary>
    public required IReadOnlyList<string> Findings { get; init; }
}
