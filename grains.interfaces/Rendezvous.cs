namespace IotPlatform;

/// <summary>
/// Rendezvous hashing: whoever scores highest for a key gets it. Everybody who knows the same members agrees, and when a member comes or goes, only the keys
/// that it gets or had move. Source: Thaler and Ravishankar, 1998.
/// </summary>
public static class Rendezvous
{
    /// <summary>How much a member may claim a key.</summary>
    /// <param name="key">A hash of the key.</param>
    /// <param name="member">A hash of the member.</param>
    public static ulong Score(int key, int member)
    {
        // The finalizer of SplitMix64: every bit of both decides about every bit.
        var mixed = ((ulong)(uint)key << 32) | (uint)member;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }
}
