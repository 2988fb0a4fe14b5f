using IotPlatform.Clients;
using IotPlatform.Devices;

namespace IotPlatform.Delivery;

/// <summary>The orders that clients are listed in: by each gateway for its own, and by the one that is asked for all of them.</summary>
internal static class ClientOrder
{
    /// <summary>By product key, then by device name.</summary>
    public static Comparer<DeviceId> ByName { get; } = Comparer<DeviceId>.Create(static (a, b) =>
        string.CompareOrdinal(a.ProductKey, b.ProductKey) is not 0 and var order ? order : string.CompareOrdinal(a.DeviceName, b.DeviceName));

    /// <summary>Those with the most that waits first, and of these that have nothing waiting, those that have lost most.</summary>
    public static Comparer<ClientView> BySlowness { get; } = Comparer<ClientView>.Create(static (a, b) =>
        WaitingBytes(b).CompareTo(WaitingBytes(a)) is not 0 and var byWaiting ? byWaiting
        : b.Traffic.DroppedInAll.CompareTo(a.Traffic.DroppedInAll) is not 0 and var byDropped ? byDropped
        : ByName.Compare(a.Device, b.Device));

    /// <summary>Whether it does not take all that it is sent.</summary>
    public static bool IsSlow(ClientView client) =>
        client.PendingBytes > 0 || client.QueuedMessages > 0 || client.Traffic.Dropped.Any(static drop => drop.Reason is DropReason.Slow or DropReason.QueueFull);

    private static long WaitingBytes(ClientView client) => client.PendingBytes + client.QueuedBytes;
}
