namespace IotPlatform.Broadcasts;

/// <summary>
/// The devices that have had a broadcast which devices get that come online later, so that each gets it once, wherever it connects: a part of them, by their hashes.
/// Key: <see cref="KeyOf"/>.
/// </summary>
[Alias("iot.reached-devices")]
public interface IReachedDevicesGrain : IGrainWithStringKey
{
    /// <summary>The parts of a broadcast's devices.</summary>
    const int Parts = 8;

    /// <summary>The key of a part.</summary>
    static string KeyOf(long messageId, int part) => $"reached/{messageId}/{part}";

    /// <summary>
    /// What stands for a device: 64 bits, which a million names share with a chance of one in tens of millions; one of two that did would not get the broadcast when it
    /// comes late.
    /// </summary>
    static ulong HashOf(string deviceName) => StableHash.Of64(deviceName);

    /// <summary>The part that a device is in.</summary>
    static int PartOf(ulong hash) => (int)(hash % Parts);

    /// <summary>These devices have had it. Answers when that is stored.</summary>
    [Alias("reached")]
    Task ReachedAsync(DeviceHashes devices);

    /// <summary>Which of these devices have not had it.</summary>
    /// <param name="devices">The devices.</param>
    /// <param name="marks">They are to get it now, and count as those that have had it from here on.</param>
    [Alias("claim"), ResponseTimeout("00:00:03")]
    Task<ClaimReply> ClaimAsync(DeviceHashes devices, bool marks);
}
