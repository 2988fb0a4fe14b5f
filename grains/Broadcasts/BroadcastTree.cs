namespace IotPlatform.Broadcasts;

/// <summary>
/// The shape of the broadcast tree: a pure function of how many targets there are, so that there is nothing to repair when one dies.
/// Every node has at most <see cref="FanOutMax"/> children, and the tree is as flat as that allows.
/// </summary>
internal static class BroadcastTree
{
    /// <summary>Children of a node. Wide enough for three tiers to reach 32,768 targets, narrow enough for one grain to serve them.</summary>
    public const int FanOutMax = 32;

    /// <summary>Tiers of calls from the root to the targets.</summary>
    public static int Depth(int targets)
    {
        var depth = 1;
        for (long reach = FanOutMax; reach < targets; reach *= FanOutMax)
        {
            depth++;
        }

        return depth;
    }

    /// <summary>
    /// The parts that a node's children are to reach: contiguous, nearly equal, covering all targets. A part of one is the target itself.
    /// </summary>
    public static Range[] Split(int targets)
    {
        if (targets == 0)
        {
            return [];
        }

        var childReach = 1;
        for (var tier = 1; tier < Depth(targets); tier++)
        {
            childReach *= FanOutMax;
        }

        var children = (targets + childReach - 1) / childReach;
        var parts = new Range[children];
        for (var i = 0; i < children; i++)
        {
            parts[i] = (int)((long)targets * i / children)..(int)((long)targets * (i + 1) / children);
        }

        return parts;
    }
}
