using System.Reflection;
using Orleans;
using Orleans.Concurrency;

namespace IotPlatform.Embedded;

/// <summary>One method of a grain or observer interface: how it is invoked, admitted, and how long its callers wait.</summary>
internal abstract class MethodContract
{
    /// <summary>Parameters a call can carry, a cancellation token included.</summary>
    public const int ParametersMax = 4;

    protected MethodContract(MethodInfo method)
    {
        Name = $"{method.DeclaringType!.Name}.{method.Name}";
        Invoker = CreateInvoker(method);
        Admission = method.IsDefined(typeof(AlwaysInterleaveAttribute)) ? Admission.AlwaysInterleave
            : method.IsDefined(typeof(ReadOnlyAttribute)) ? Admission.ReadOnly
            : Admission.Exclusive;
        ResponseTimeout = (method.GetCustomAttribute<ResponseTimeoutAttribute>()
            ?? method.DeclaringType.GetCustomAttribute<ResponseTimeoutAttribute>())?.Timeout;
    }

    public string Name { get; }

    /// <summary>An open delegate, <c>Func&lt;interface, arguments…, Task&gt;</c>.</summary>
    public Delegate Invoker { get; }

    public Admission Admission { get; }

    /// <summary>The method's own response timeout; null for the engine's.</summary>
    public TimeSpan? ResponseTimeout { get; }

    public static MethodContract Create(MethodInfo method)
    {
        if (method.ReturnType == typeof(Task))
        {
            return new MethodContract<NoResult>(method);
        }

        var contract = typeof(MethodContract<>).MakeGenericType(method.ReturnType.GetGenericArguments());
        return (MethodContract)Activator.CreateInstance(contract, method)!;
    }

    /// <summary>The caller's side of a call that did not complete at once.</summary>
    public abstract PendingCall NewPendingCall();

    public abstract Task FromException(Exception exception);

    public abstract Task FromCanceled(CancellationToken cancellationToken);

    private static Delegate CreateInvoker(MethodInfo method)
    {
        Type[] signature = [method.DeclaringType!, .. method.GetParameters().Select(p => p.ParameterType), typeof(Task)];
        return method.CreateDelegate(System.Linq.Expressions.Expression.GetFuncType(signature));
    }
}

internal sealed class MethodContract<TResult>(MethodInfo method) : MethodContract(method)
{
    public override PendingCall NewPendingCall() => new PendingCall<TResult>(this);

    public override Task FromException(Exception exception) => Task.FromException<TResult>(exception);

    public override Task FromCanceled(CancellationToken cancellationToken) => Task.FromCanceled<TResult>(cancellationToken);
}
