namespace IotPlatform.Embedded;

/// <summary>The base of all references to observers.</summary>
internal abstract class ObserverReference(InterfaceContract contract) : IEquatable<ObserverReference>
{
    public ObserverTarget Target { get; private set; } = null!;

    public void Bind(ObserverTarget target) => Target = target;

    public bool Equals(ObserverReference? other) => other is not null && other.Target == Target;

    public override bool Equals(object? obj) => Equals(obj as ObserverReference);

    public override int GetHashCode() => Target.GetHashCode();

    public override string ToString() => contract.Type.Name;

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
        return Target.Call(method, body, token);
    }
}
