using System.Collections.Immutable;

namespace IotPlatform.Clients;

/// <summary>What a client has sent and been sent on one connection.</summary>
/// <param name="MessagesReceived">Messages that it published.</param>
/// <param name="BytesReceived">Bytes of all its packets.</param>
/// <param name="MessagesSent">Messages written to it.</param>
/// <param name="BytesSent">Bytes of all packets written to it.</param>
/// <param name="Dropped">Messages that were to reach it, or that it published, and did not go on, by reason.</param>
[GenerateSerializer, Immutable, Alias("iot.client-traffic")]
public sealed record ClientTraffic(
    [property: Id(0)] long MessagesReceived,
    [property: Id(1)] long BytesReceived,
    [property: Id(2)] long MessagesSent,
    [property: Id(3)] long BytesSent,
    [property: Id(4)] ImmutableArray<DropCount> Dropped)
{
    /// <summary>All that was dropped.</summary>
    public long DroppedInAll => Dropped.Sum(static drop => drop.Count);
}
