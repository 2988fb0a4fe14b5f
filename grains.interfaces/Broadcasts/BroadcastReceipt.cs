using System.Collections.Immutable;

namespace IotPlatform.Broadcasts;

/// <summary>What became of a broadcast.</summary>
/// <param name="ProductKey">Whose devices got it.</param>
/// <param name="MessageId">The broadcast.</param>
/// <param name="Topic">Null: every online device.</param>
/// <param name="QoS">0 or 1.</param>
/// <param name="PayloadBytes">The payload's size.</param>
/// <param name="Tally">The counts so far, of all gateways.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="CompletedAt">When it was done or cancelled; null while it runs.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Filter">Which of the devices it is for; null: all.</param>
/// <param name="MaxRate">Deliveries a second; 0: as fast as can be.</param>
/// <param name="ExpiresAt">Until when devices that come online get it too; null: only those that were online.</param>
/// <param name="Gateways">The counts by gateway.</param>
[GenerateSerializer, Immutable, Alias("iot.broadcast-receipt")]
public sealed record BroadcastReceipt(
    [property: Id(0)] string ProductKey,
    [property: Id(1)] long MessageId,
    [property: Id(2)] string? Topic,
    [property: Id(3)] int QoS,
    [property: Id(4)] int PayloadBytes,
    [property: Id(5)] BroadcastTally Tally,
    [property: Id(6)] DateTimeOffset CreatedAt,
    [property: Id(7)] DateTimeOffset? CompletedAt,
    [property: Id(8)] BroadcastStatus Status,
    [property: Id(9)] BroadcastFilter? Filter,
    [property: Id(10)] int MaxRate,
    [property: Id(11)] DateTimeOffset? ExpiresAt,
    [property: Id(12)] ImmutableArray<GatewayTally> Gateways)
{
    /// <summary>Whether it says the same as another one of the same broadcast.</summary>
    public bool IsSameAs(BroadcastReceipt? other) =>
        other is not null && Tally == other.Tally && Status == other.Status && CompletedAt == other.CompletedAt && Gateways.AsSpan().SequenceEqual(other.Gateways.AsSpan());

    /// <inheritdoc/>
    public bool Equals(BroadcastReceipt? other) =>
        IsSameAs(other) && (ProductKey, MessageId, Topic, QoS, PayloadBytes, CreatedAt, Filter, MaxRate, ExpiresAt)
            == (other!.ProductKey, other.MessageId, other.Topic, other.QoS, other.PayloadBytes, other.CreatedAt, other.Filter, other.MaxRate, other.ExpiresAt);

    /// <inheritdoc/>
    public override int GetHashCode() => MessageId.GetHashCode();
}
