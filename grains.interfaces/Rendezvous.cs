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

    /// <summary>The member that gets a key; the first of those that claim it alike.</summary>
    /// <param name="key">A hash of the key.</param>
    /// <param name="members">The members.</param>
    /// <param name="hashOf">A hash of a member.</param>
    /// <param name="isEligible">Which members are asked; null for all.</param>
    /// <returns>Null when there is none.</returns>
    public static TMember? Claimant<TMember>(int key, ReadOnlySpan<TMember> members, Func<TMember, int> hashOf, Predicate<TMember>? isEligible = null)
        where TMember : class
    {
        var best = default(TMember?);
        var bestScore = 0UL;
        foreach (var member in members)
        {
            if (isEligible?.Invoke(member) == false)
            {
                continue;
            }

            var score = Score(key, hashOf(member));
            if (best is null || score > bestScore)
            {
                (best, bestScore) = (member, score);
            }
        }

        return best;
    }
}
