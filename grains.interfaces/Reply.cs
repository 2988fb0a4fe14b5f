namespace IotPlatform;

/// <summary>The answer to a call that may be refused: exactly one of the two is set.</summary>
[GenerateSerializer, Immutable, Alias("iot.reply`1")]
public sealed record Reply<T>([property: Id(0)] T? Value, [property: Id(1)] Refusal? Refusal)
    where T : class
{
    /// <summary>The call was done.</summary>
    public static implicit operator Reply<T>(T value) => new(value, null);

    /// <summary>The call was refused and changed nothing.</summary>
    public static implicit operator Reply<T>(Refusal refusal) => new(null, refusal);
}
