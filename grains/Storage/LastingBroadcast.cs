using System.Collections.Immutable;
using IotPlatform.Broadcasts;

namespace IotPlatform.Storage;

/// <summary>A broadcast that goes on after the devices that were online have been written to, as it is stored.</summary>
/// <param name="Receipt">Its receipt, as it was saved last.</param>
/// <param name="Message">The broadcast.</param>
/// <param name="Before">What had become of it by gateway when it was last opened again; empty where it never was.</param>
public sealed record LastingBroadcast(BroadcastReceipt Receipt, BroadcastMessage Message, ImmutableArray<GatewayTally> Before)
{
    /// <summary>A broadcast of what is stored of it: most of its message stands in its receipt.</summary>
    /// <param name="receipt">Its receipt.</param>
    /// <param name="payload">What the devices get.</param>
    /// <param name="properties">Content type and user properties, encoded.</param>
    /// <param name="staleAt">When nobody is to be written to any more; null: never.</param>
    /// <param name="before">What had become of it by gateway when it was last opened again.</param>
    public static LastingBroadcast Of(
        BroadcastReceipt receipt, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> properties, DateTimeOffset? staleAt, ImmutableArray<GatewayTally> before) =>
        new(
            receipt,
            new BroadcastMessage(
                receipt.MessageId,
                receipt.ProductKey,
                receipt.Topic,
                receipt.QoS,
                payload,
                receipt.Filter,
                properties,
                staleAt,
                receipt.ExpiresAt,
                receipt.MaxRate),
            before);
}
