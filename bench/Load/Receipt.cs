namespace IotPlatform.Bench.Load;

/// <summary>What a server answered to one broadcast. Servers without receipts answer only that they took it.</summary>
internal readonly record struct Receipt(ulong MessageId, long Targeted, long Written, long Dropped, long Unknown)
{
    /// <summary>The answer of a server that has no receipts.</summary>
    public static Receipt None => default;

    public bool IsNone => this == None;

    public bool Says(long devices) => Targeted == devices && Written == devices && Dropped == 0 && Unknown == 0;
}
