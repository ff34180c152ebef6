"""Weights alone as older versions wrote them, in h5py's hands, with their descriptions and what Keras computes of the same weights:
Keras 1 (a matrix for each gate) and the layers of CuDNN (kernels transposed gate by gate, as convert_rnn_weights of Keras 2 has them).
Run: python test/golden/keras/make_old.py (Keras 3.15). Number k of weight i is 0.6 cos(1.7 i + 0.9 k) in the layers' present form."""
import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import h5py
import keras
import numpy as np
from keras import layers as L

here = pathlib.Path(__file__).parent
def weigh(m):
    for i,w in enumerate(m.weights): w.assign((0.6*np.cos(1.7*i+0.9*np.arange(int(np.prod(w.shape))))).reshape(w.shape).astype('f4'))
x=np.random.default_rng(1).normal(0,1,(1,6,3)).astype('f4')
def write(f, layers):
    with h5py.File(f,'w') as h:
        h.attrs['layer_names']=[n.encode() for n,_ in layers]
        for n,ws in layers:
            g=h.create_group(n); g.attrs['weight_names']=[a.encode() for a,_ in ws]
            for a,v in ws: g.create_dataset(a,data=v)
idx=[]
for kind,cell,act in [('k1','LSTM','hard_sigmoid'),('k1','GRU','sigmoid'),('cudnn','LSTM','sigmoid'),('cudnn','GRU','sigmoid')]:
    kw=dict(reset_after=kind=='cudnn') if cell=='GRU' else {}
    # Keras 1's hard_sigmoid has the slope 1/5
    ract=(lambda z: keras.ops.clip(0.2*z+0.5,0,1)) if act=='hard_sigmoid' else act
    m=keras.Sequential([L.Input((6,3)), getattr(L,cell)(4,recurrent_activation=ract,**kw), L.Dense(2)]); weigh(m)
    k,r,b,dk,db=[np.array(w) for w in m.weights]; n=4 if cell=='LSTM' else 3
    K,R=np.hsplit(k,n),np.hsplit(r,n)
    f=str(here/f'old-{kind}-{cell.lower()}')
    if kind=='k1':
        B=np.split(b,n); order=[('i',0),('c',2),('f',1),('o',3)] if cell=='LSTM' else [('z',0),('r',1),('h',2)]
        ws=[(f'l_{p}_{g}',v[j]) for g,j in order for p,v in (('W',K),('U',R),('b',B))]
        desc={"class_name":"Sequential","keras_version":"1.2.2","config":[
          {"class_name":cell,"config":{"name":"l","output_dim":4,"input_dim":3,"batch_input_shape":[None,6,3],"activation":"tanh","inner_activation":act,"return_sequences":False,"go_backwards":False,"stateful":False,"unroll":False,"consume_less":"cpu","dropout_W":0.0,"dropout_U":0.0,"init":"glorot_uniform","inner_init":"orthogonal","forget_bias_init":"one","W_regularizer":None,"U_regularizer":None,"b_regularizer":None,"input_dtype":"float32","trainable":True,"input_length":None}},
          {"class_name":"Dense","config":{"name":"d","output_dim":2,"input_dim":4,"activation":"linear","bias":True,"init":"glorot_uniform","W_regularizer":None,"b_regularizer":None,"activity_regularizer":None,"W_constraint":None,"b_constraint":None,"trainable":True,"input_dtype":"float32"}}]}
        write(f+'.h5',[('l',ws),('d',[('d_W',dk),('d_b',db)])])
    else:
        tk=np.hstack([kk.reshape(kk.T.shape,order='F').T for kk in K])
        tr=np.hstack([rr.T for rr in R])
        bb=b.reshape(-1) if cell=='GRU' else np.concatenate([b*0.25,b*0.75])
        desc={"class_name":"Sequential","keras_version":"2.2.4","config":{"name":"s","layers":[
          {"class_name":"CuDNN"+cell,"config":{"name":"l","units":4,"batch_input_shape":[None,6,3],"return_sequences":False,"return_state":False,"go_backwards":False,"stateful":False,"trainable":True,"unit_forget_bias":True,"kernel_initializer":None}},
          {"class_name":"Dense","config":{"name":"d","units":2,"activation":"linear","use_bias":True}}]}}
        write(f+'.h5',[('l',[('l/kernel:0',tk),('l/recurrent_kernel:0',tr),('l/bias:0',bb)]),('d',[('d/kernel:0',dk),('d/bias:0',db)])])
    json.dump({"description":desc,"input":x[0].tolist(),"output":np.array(m(x))[0].tolist()},open(f+'.json','w'))
