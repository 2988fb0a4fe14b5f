namespace IotPlatform.Bench.Load;

/// <summary>What a server answered to one broadcast. Servers without receipts answer only that they took it.</summary>
internal readonly record struct Receipt(ulong MessageId, long Targeted, long Written, long Dropped, long Unknown)
{
    /// <summary>The answer of a server that has no receipts.</summary>
    public static Receipt None => default;

    public bool IsNone => this == None;

    /// <summary>Whether it is one of so many devices, of which so many may have got nothing.</summary>
    public bool Says(long devices, long stalled = 0) => Targeted == devices && Written + Dropped == devices && Dropped <= stalled && Unknown == 0;
}
