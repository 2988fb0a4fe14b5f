namespace IotPlatform.Embedded;

/// <summary>The base of all references to grains. Equal when they name the same grain, through whichever interface.</summary>
internal abstract class GrainReference(InterfaceContract contract) : IEquatable<GrainReference>
{
    // Kept between calls so that a reference in use needs no look-up; replaced once its activation is gone.
    private Activation? _activation;

    public GrainHome Home { get; private set; } = null!;

    public string Key { get; private set; } = null!;

    public void Bind(GrainHome home, string key)
    {
        Home = home;
        Key = key;
    }

    public bool Equals(GrainReference? other) => other is not null && other.Home == Home && other.Key == Key;

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => HashCode.Combine(Home, Key);

    public override string ToString() => $"{contract.Type.Name}({Key})";

    protected Delegate Invoker(int index) => contract.Methods[index].Invoker;

    protected Task Call<TBody>(int index, TBody body, CancellationToken cancellationToken)
        where TBody : struct, ICallBody
    {
        var method = contract.Methods[index];
        if (cancellationToken.IsCancellationRequested)
        {
            return method.FromCanceled(cancellationToken);
        }

        var token = CalleeToken.For(ref body, cancellationToken);
        while (true)
        {
            var activation = Resolve();
            if (activation is null)
            {
                return method.FromException(GrainHome.Stopped());
            }

            if (activation.Call(method, body, token) is { } answer)
            {
                return answer;
            }
        }
    }

    private Activation? Resolve()
    {
        var activation = _activation;
        if (activation is null || activation.IsGone)
        {
            activation = Home.GetOrAdd(Key);
            _activation = Home.IsOnePerKey ? activation : null;
        }

        return activation;
    }
}
